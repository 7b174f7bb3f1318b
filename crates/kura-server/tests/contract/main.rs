//! What every input promises, run over all of them, each over real connections and before an
//! intake that is as slow, or as full, as it is told to be.
//!
//! An input that is added gets a variant of [`Input`]; then [`speakers::of`] does not compile
//! until it says which senders speak to it, and those have to say what their protocol's words
//! are. What is particular to a protocol is tested beside its input.

mod forward;
mod http;
mod speakers;
mod world;

mod promises;
