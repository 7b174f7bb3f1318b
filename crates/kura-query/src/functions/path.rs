//! Paths into JSON text: `$.a.b`, `$['a b']`, `$["x"]`, `$.list[0]`, and the value they
//! lead to.

use kura_formats::json::Cursor;

/// More steps lead nowhere: the decoder takes no JSON as deep.
const STEPS_MAX: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    Key(String),
    /// A key however its letters are cased, or an index; the search language's.
    AnyCaseKey(String),
    Index(usize),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a JSON path; write `$.key.other`, `$['a key']` or `$.list[0]`")]
pub struct BadPath(String);

/// Reads a path. `$` may be left out before a key: Trino takes that too.
pub fn parse(path: &str) -> Result<Vec<Step>, BadPath> {
    let bad = || BadPath(path.to_owned());
    let mut steps = Vec::new();
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    let mut first = !path.starts_with('$');
    while !rest.is_empty() {
        if steps.len() == STEPS_MAX {
            return Err(bad());
        }
        let (step, after) = if let Some(inside) = rest.strip_prefix('[') {
            bracket(inside).ok_or_else(bad)?
        } else {
            let name = match rest.strip_prefix('.') {
                Some(name) => name,
                None if first => rest,
                None => return Err(bad()),
            };
            let end = name.find(['.', '[']).unwrap_or(name.len());
            if end == 0 {
                return Err(bad());
            }
            (Step::Key(name[..end].to_owned()), &name[end..])
        };
        steps.push(step);
        rest = after;
        first = false;
    }
    Ok(steps)
}

/// What stands after `[`: a number, or a key in quotes.
fn bracket(inside: &str) -> Option<(Step, &str)> {
    let quote = inside.chars().next()?;
    if quote != '\'' && quote != '"' {
        let (number, after) = inside.split_once(']')?;
        return Some((Step::Index(number.trim().parse().ok()?), after));
    }
    let mut key = String::new();
    let mut chars = inside[1..].char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '\\' => key.push(chars.next()?.1),
            _ if char == quote => {
                return Some((Step::Key(key), inside[1 + at + 1..].strip_prefix(']')?));
            }
            _ => key.push(char),
        }
    }
    None
}

/// The value at the end of the path, as it was written; `None` where there is none or the
/// text is not JSON up to there.
#[must_use]
pub fn find<'a>(text: &'a str, steps: &[Step]) -> Option<&'a str> {
    if steps.is_empty() {
        return Cursor::new(text).value().ok();
    }
    let mut value = text;
    for step in steps {
        value = match step {
            Step::Key(wanted) => entry(value, |key| key == wanted)?,
            Step::AnyCaseKey(wanted) => entry(value, |key| key == wanted)
                .or_else(|| entry(value, |key| key.eq_ignore_ascii_case(wanted)))
                .or_else(|| item(value, wanted.parse().ok()?))?,
            Step::Index(index) => item(value, *index)?,
        };
    }
    Some(value)
}

fn entry(object: &str, wanted: impl Fn(&str) -> bool) -> Option<&str> {
    let mut cursor = Cursor::new(object);
    cursor.next_byte().filter(|&byte| byte == b'{')?;
    let mut more = cursor.enter_object().ok()?;
    while more {
        let key = cursor.key().ok()?;
        let value = cursor.value().ok()?;
        if wanted(&key) {
            return Some(value);
        }
        more = cursor.comma_or(b'}', "an object").ok()?;
    }
    None
}

fn item(array: &str, index: usize) -> Option<&str> {
    let mut cursor = Cursor::new(array);
    cursor.next_byte().filter(|&byte| byte == b'[')?;
    let mut found = None;
    let mut at = 0;
    cursor
        .array(|value| {
            if at == index {
                found = Some(value);
            }
            at += 1;
        })
        .ok()?;
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_lead_to_values() {
        let json = r#" {"a":{"b":[1,{"c d":"x"},null]},"A":2,"q'":"\u0041","a.b":3} "#;
        for (path, expected) in [
            ("$", Some(json.trim())),
            ("$.a.b[0]", Some("1")),
            ("$.a.b[1]['c d']", Some("\"x\"")),
            ("$['a'][\"b\"][2]", Some("null")),
            ("$.a.b[3]", None),
            ("$.a.c", None),
            ("a.b[0]", Some("1")),
            ("$.A", Some("2")),
            ("$['a.b']", Some("3")),
            (r"$['q\'']", Some(r#""\u0041""#)),
            ("$.a.b.c", None),
            ("$[0]", None),
        ] {
            let steps = parse(path).expect(path);
            assert_eq!(find(json, &steps), expected, "{path}");
        }
        for path in ["$.", "$..a", "$[", "$[x]", "$['a", "$['a'", "$.a[1", "$a"] {
            assert!(parse(path).is_err(), "{path}");
        }
    }

    #[test]
    fn hostile_json_has_no_values_and_overflows_nothing() {
        let deep = format!("{}1", "[".repeat(1_000_000));
        let steps = parse("$.a").expect("a path");
        for text in ["", "{", "{\"a\"", "{\"a\":", "{\"a\" 1}", "nul", &deep, "\u{0}"] {
            assert_eq!(find(text, &steps), None);
        }
        assert_eq!(find(&format!("{{\"b\":{deep}}}"), &steps), None);
    }

    #[test]
    fn any_path_and_any_text_are_survived() {
        bolero::check!().with_type::<(String, String)>().for_each(|(path, text)| {
            if let Ok(steps) = parse(path) {
                let _ = find(text, &steps);
            }
        });
    }
}
