//! Globs of objects' keys, as people write them in `kura.toml`.

use globset::{GlobBuilder, GlobMatcher};

/// A glob that matches from any folder on: `shop/**/*.log`.
#[derive(Debug, Clone)]
pub struct KeyGlob(GlobMatcher);

impl KeyGlob {
    /// # Errors
    /// Why it is none, in a line for a person.
    pub fn new(pattern: &str) -> Result<Self, String> {
        let anchored = pattern.starts_with('/') || pattern.starts_with("**");
        let whole = if anchored { pattern.to_owned() } else { format!("**/{pattern}") };
        match GlobBuilder::new(&whole).literal_separator(true).build() {
            Ok(glob) => Ok(KeyGlob(glob.compile_matcher())),
            Err(error) => Err(format!("`{pattern}` is no glob: {}", error.kind())),
        }
    }

    pub fn is_match(&self, path: &str) -> bool {
        self.0.is_match(path.replace('\\', "/"))
    }
}
