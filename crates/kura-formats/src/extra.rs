//! What of a record has no column: gathered with its path, and written into `_extra` as one
//! JSON object.

use crate::json;

/// Where in a record a value stands.
#[derive(Debug, Clone, Copy)]
pub struct Path<'a> {
    parent: Option<&'a Path<'a>>,
    key: &'a str,
}

impl<'a> Path<'a> {
    #[must_use]
    pub fn new(key: &'a str) -> Self {
        Path { parent: None, key }
    }

    pub fn below(parent: Option<&'a Path<'a>>, key: &'a str) -> Self {
        Path { parent, key }
    }

    fn keys(&self) -> Vec<String> {
        let mut keys = self.parent.map_or_else(Vec::new, Path::keys);
        keys.push(self.key.to_owned());
        keys
    }
}

/// The leftovers of one record, written into `_extra` as one JSON object.
#[derive(Debug, Default)]
pub struct Extra {
    entries: Vec<(Vec<String>, String)>,
}

impl Extra {
    pub fn add(&mut self, path: &Path<'_>, value: &str) {
        self.entries.push((path.keys(), value.to_owned()));
    }

    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The value left over under a key at the top of the record.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|(path, _)| path.len() == 1 && path[0] == key)?;
        Some(&entry.1)
    }

    /// The object, or `None` if everything had a place.
    #[must_use]
    pub fn to_json(&self) -> Option<String> {
        if self.entries.is_empty() {
            return None;
        }
        let entries: Vec<(&[String], &str)> =
            self.entries.iter().map(|(path, value)| (&path[..], &value[..])).collect();
        let mut out = String::new();
        write_object(&mut out, &entries);
        Some(out)
    }
}

/// Entries whose paths begin alike stand side by side, since a record is read in order.
fn write_object(out: &mut String, mut entries: &[(&[String], &str)]) {
    out.push('{');
    let mut first = true;
    while let Some(&(path, value)) = entries.first() {
        if !std::mem::take(&mut first) {
            out.push(',');
        }
        let Some((key, rest)) = path.split_first() else { break };
        json::push_quoted(out, key);
        out.push(':');
        let alike = match rest.is_empty() {
            true => 1,
            false => entries.iter().take_while(|(p, _)| p.len() > 1 && p[0] == *key).count(),
        };
        if rest.is_empty() {
            out.push_str(value);
        } else {
            let inner: Vec<_> = entries[..alike].iter().map(|(p, v)| (&p[1..], *v)).collect();
            write_object(out, &inner);
        }
        entries = &entries[alike..];
    }
    out.push('}');
}
