//! Logs on their way in: objects found, opened, recognised, framed, decoded, and handed to
//! the store's writer in the order they were named.
//!
//! It decides nothing about formats (`kura-formats`) or storage (`kura-store`); it brings
//! them together, in parallel and under the memory limit.

pub mod source;
pub mod report;
pub mod content;
mod sample;
mod decoders;
pub mod object;
pub mod pipeline;
pub mod import;
pub mod preview;
pub mod reparse;
pub mod inputs;
pub mod streams;

pub use import::{ImportError, ImportOptions, import};
pub use pipeline::Work;
pub use reparse::{ReparseReport, reparse};
pub use report::{Note, NoteKind, Progress, Report, Silent};
