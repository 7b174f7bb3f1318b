//! Files say what they are for: in their name, and in their first line.

use super::{House, Problem};

/// Names that say nothing: whatever has no place ends up there, and everybody names them.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "common", "misc", "manager", "managers"];

pub fn check(house: &House) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in &house.sources {
        if !source.text.starts_with("//!") {
            let message = "opens without `//!`: the first lines say what the file is for, to whoever has never seen it";
            problems.push(Problem::new(&source.file, 1, message));
        }
    }
    for (file, _) in house.texts.iter().filter(|(file, _)| is_code(file)) {
        let parts =
            file.split('/').map(|part| part.split('.').next().unwrap_or(part).to_lowercase());
        if let Some(name) = parts.into_iter().find(|part| EMPTY_NAMES.contains(&part.as_str())) {
            let message = format!(
                "`{name}` says nothing about what is inside: name the thing or the deed, one file each"
            );
            problems.push(Problem::new(file, 0, message));
        }
    }
    for source in &house.sources {
        for (at, line) in source.code.lines().enumerate() {
            let declared = line.trim().trim_start_matches("pub ").strip_prefix("mod ");
            let name = declared.map(|rest| rest.trim_end_matches([';', '{', ' ', '}']));
            if let Some(name) = name.filter(|name| EMPTY_NAMES.contains(name)) {
                let message = format!(
                    "a module `{name}` says nothing about what is inside: name the thing or the deed"
                );
                problems.push(Problem::new(&source.file, at + 1, message));
            }
        }
    }
    problems
}

fn is_code(file: &str) -> bool {
    [".rs", ".ts", ".mjs", ".js", ".svelte", ".py"].iter().any(|ending| file.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn names_files_that_say_nothing() {
        let problems = found(
            check,
            &[
                ("crates/a/src/utils.rs", "//! x\n"),
                ("crates/a/src/common/b.rs", "//! x\n"),
                ("crates/a/src/b.rs", "//! x\nmod misc;\nmod common_words;\n"),
                ("crates/a/src/c.rs", "#![allow(x)]\n//! x\n"),
                ("ui/src/helpers.ts", ""),
                ("docs/common.md", ""),
            ],
        );
        assert_eq!(
            problems,
            [
                "crates/a/src/b.rs:2",
                "crates/a/src/c.rs:1",
                "crates/a/src/common/b.rs:0",
                "crates/a/src/utils.rs:0",
                "ui/src/helpers.ts:0",
            ]
        );
    }
}
