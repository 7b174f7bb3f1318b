//! An error with all that caused it, in one line for a log or a person.

use std::error::Error;
use std::fmt;

/// `the object store: No space left on device`.
#[derive(Debug)]
pub struct WithCauses<'a>(pub &'a dyn Error);

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(f, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::WithCauses;

    #[derive(Debug, thiserror::Error)]
    #[error("the log")]
    struct Outer(#[source] io::Error);

    #[test]
    fn every_cause_is_told() {
        let error = Outer(io::Error::other("no room"));
        assert_eq!(WithCauses(&error).to_string(), "the log: no room");
    }
}
