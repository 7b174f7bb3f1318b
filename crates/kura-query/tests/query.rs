//! The engine over small lakes.

mod support;
mod indexed;
mod statements;
mod searching;
mod ocsf;
mod arriving;
