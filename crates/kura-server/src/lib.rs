//! What one can ask of Kura, and the faces through which it is asked.
//!
//! [`usecases`] speak plain types and take an [`Identity`](kura_core::identity::Identity);
//! [`http`] knows only them.

pub mod api;
pub mod running;
pub mod rows;
pub mod intake;
pub mod usecases;
pub mod tail;
pub mod sources;
pub mod metrics;
pub mod http;

pub use http::{ServeError, openapi, serve};
pub use intake::{HttpIntake, Ways};
pub use usecases::{Kura, Limits};
