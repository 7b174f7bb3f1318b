//! Nothing in the repository knows the machine it was written on: no folder of somebody's home,
//! no package host other than the public one.

use super::{House, Problem};

/// Each in two parts, so that this file does not contain it.
const MACHINE_FOLDERS: [&str; 4] =
    [concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/wo", "rk/"), concat!("/Us", "ers/")];

/// Real logs contain paths of the machines they come from.
const DATA_FOLDER: &str = "/fixtures/";

const NPM_REGISTRY: &str = "https://registry.npmjs.org/";
const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub fn check(house: &House) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, text) in &house.texts {
        if file.contains(DATA_FOLDER) {
            continue;
        }
        for (at, line) in text.lines().enumerate() {
            if let Some(folder) = machine_folder(line) {
                let message = format!(
                    "`{folder}` exists on one machine: write a relative path, or take it from an argument or a variable"
                );
                problems.push(Problem::new(file, at + 1, message));
            }
            if let Some(message) = private_registry(file, line) {
                problems.push(Problem::new(file, at + 1, message));
            }
        }
    }
    problems
}

/// A path that starts at such a folder; as a part of a longer path or address it means nothing.
fn machine_folder(line: &str) -> Option<&'static str> {
    MACHINE_FOLDERS.into_iter().find(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            !before.is_some_and(|character| {
                character.is_alphanumeric() || "._-/}*)$~%+".contains(character)
            })
        })
    })
}

/// A lock file that names a mirror sends everybody there, who may not even reach it.
fn private_registry(file: &str, line: &str) -> Option<String> {
    let (key, public) = match file.rsplit('/').next() {
        Some("package-lock.json") => ("\"resolved\": \"", NPM_REGISTRY),
        Some("Cargo.lock") => ("source = \"", CRATES_IO),
        _ => return None,
    };
    let source = line.trim().strip_prefix(key)?;
    (!source.starts_with(public)).then(|| {
        format!(
            "the lock file names `{}`, not the public registry: write `{public}`",
            source.trim_end_matches(['"', ','])
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn finds_folders_of_one_machine() {
        for (file, text, expected) in [
            ("a.sh", concat!("cd /ho", "me/me/kura"), true),
            ("a.rs", concat!("let a = \"/ro", "ot/x\";"), true),
            ("a.md", concat!("https://example.com/ho", "me/index.html"), false),
            ("a.ts", concat!("import './wo", "rk/x'"), false),
            ("crates/a/tests/fixtures/a.json", concat!("\"/ho", "me/ec2-user\""), false),
        ] {
            assert_eq!(!found(check, &[(file, text)]).is_empty(), expected, "{text}");
        }
    }

    #[test]
    fn finds_mirrors_in_lock_files() {
        for (file, text, expected) in [
            (
                "ui/package-lock.json",
                "  \"resolved\": \"https://registry.npmjs.org/a/-/a-1.tgz\",",
                false,
            ),
            (
                "ui/package-lock.json",
                "  \"resolved\": \"https://mirror.example/a/-/a-1.tgz\",",
                true,
            ),
            (
                "Cargo.lock",
                "source = \"registry+https://github.com/rust-lang/crates.io-index\"",
                false,
            ),
            ("Cargo.lock", "source = \"git+https://github.com/a/b#1\"", true),
        ] {
            assert_eq!(!found(check, &[(file, text)]).is_empty(), expected, "{text}");
        }
    }
}
