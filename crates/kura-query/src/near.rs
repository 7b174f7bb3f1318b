//! Names near to a name that is not there, for hints.

/// How many names a hint gives.
const NEAR_MAX: usize = 3;
/// Longer names are not compared: the comparison takes their lengths multiplied.
const COMPARED_CHARS_MAX: usize = 128;

/// The candidates nearest to `name`, nearest first: a few letters off, or one the beginning
/// or the last part of the other.
#[must_use]
pub fn near<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let name = name.to_ascii_lowercase();
    let mut found: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter_map(|candidate| Some((distance_of_names(&name, candidate)?, candidate)))
        .collect();
    found.sort_by_key(|&(distance, candidate)| (distance, candidate.len(), candidate));
    found.dedup_by_key(|&mut (_, candidate)| candidate);
    found.into_iter().take(NEAR_MAX).map(|(_, candidate)| candidate).collect()
}

/// ``did you mean `a` or `b`?``, if something is near.
#[must_use]
pub fn did_you_mean<'a>(
    name: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let names: Vec<String> = near(name, candidates).iter().map(|n| format!("`{n}`")).collect();
    let (last, others) = names.split_last()?;
    Some(match others {
        [] => format!("did you mean {last}?"),
        _ => format!("did you mean {} or {last}?", others.join(", ")),
    })
}

fn distance_of_names(name: &str, candidate: &str) -> Option<usize> {
    let candidate = candidate.to_ascii_lowercase();
    let last = candidate.rsplit('.').next().unwrap_or(&candidate);
    if name.rsplit('.').next() == Some(last) {
        return Some(0);
    }
    if name.len() >= 3 && (last.starts_with(name) || name.starts_with(last)) {
        return Some(1);
    }
    let allowed = 1 + name.chars().count() / 4;
    let distance = letters_off(name, &candidate).min(letters_off(name, last));
    (distance <= allowed).then_some(distance + 1)
}

/// Letters to add, leave out or replace to come from `a` to `b`.
fn letters_off(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(COMPARED_CHARS_MAX).collect();
    let b: Vec<char> = b.chars().take(COMPARED_CHARS_MAX).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_a_few_letters_off_are_near() {
        let names = ["eventname", "eventsource", "useridentity.type", "errorcode"];
        for (name, expected) in [
            ("evntname", vec!["eventname"]),
            ("EventNames", vec!["eventname"]),
            ("event", vec!["eventname", "eventsource"]),
            ("type", vec!["useridentity.type"]),
            ("x", vec![]),
            ("", vec![]),
        ] {
            assert_eq!(near(name, names), expected, "{name}");
        }
        assert_eq!(did_you_mean("errorcod", names).as_deref(), Some("did you mean `errorcode`?"));
    }
}
