//! The engine over small lakes.

mod support;
mod statements;
mod searching;
