//! Inside a crate a module names only the modules listed before it in `lib.rs` (or `main.rs`):
//! read from top to bottom, the list is the crate's own architecture, without a circle.
//!
//! rustfmt would sort the list; `rustfmt.toml` forbids it. Tests may name what they like.

use std::collections::{BTreeSet, HashMap};

use super::source::{Source, is_word, places};
use super::{House, Problem};

pub fn check(house: &House) -> Vec<Problem> {
    let mut problems = Vec::new();
    for top in house.sources.iter().filter(|source| is_top(house, &source.file)) {
        let folder = top.file.rsplit_once('/').map_or("", |(folder, _)| folder);
        let order = modules(&top.code);
        let reexports = reexports(&top.code, &order);
        for source in house.sources.iter().filter(|source| source.file != top.file) {
            let Some(path) =
                source.file.strip_prefix(folder).and_then(|path| path.strip_prefix('/'))
            else {
                continue;
            };
            let Some(own) = order.iter().position(|module| is_in(path, module)) else { continue };
            problems.extend(check_module(source, path, own, &order, &reexports));
        }
    }
    problems
}

/// A crate's `lib.rs`; its `main.rs` where it has no `lib.rs`.
fn is_top(house: &House, file: &str) -> bool {
    match file.strip_suffix("/src/main.rs") {
        Some(folder) => house.text(&format!("{folder}/src/lib.rs")).is_none(),
        None => file.ends_with("/src/lib.rs"),
    }
}

/// The modules that a file declares, in order; inline ones count.
fn modules(code: &str) -> Vec<String> {
    places(code, "mod ")
        .map(|at| word_at(code, at + 4))
        .filter(|name| !name.is_empty() && name != "tests")
        .collect()
}

/// What `pub use module::Name` offers at the crate's top, by name: `crate::Name` is then a use of
/// that module.
fn reexports(code: &str, order: &[String]) -> HashMap<String, usize> {
    let mut found = HashMap::new();
    for at in places(code, "use ") {
        let statement = code[at + 4..].split(';').next().unwrap_or_default();
        let statement = statement.trim_start_matches("crate::").trim_start_matches("self::");
        let Some(module) = order.iter().position(|module| *module == word_at(statement, 0)) else {
            continue;
        };
        for name in statement
            .split(|character: char| !character.is_alphanumeric() && character != '_')
            .skip(1)
        {
            found.insert(name.to_owned(), module);
        }
    }
    found
}

fn is_in(path: &str, module: &str) -> bool {
    path.strip_prefix(module).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
}

/// One problem a file, at the first of its lines: a list in the wrong order breaks many at once.
fn check_module(
    source: &Source,
    path: &str,
    own: usize,
    order: &[String],
    reexports: &HashMap<String, usize>,
) -> Option<Problem> {
    let name = &order[own];
    // In the module's own file `super` is the crate's top.
    let at_top = path == format!("{name}.rs") || path == format!("{name}/mod.rs");
    let prefixes: &[&str] = if at_top { &["crate::", "super::"] } else { &["crate::"] };
    let mut later: BTreeSet<&str> = BTreeSet::new();
    let mut first = usize::MAX;
    for prefix in prefixes {
        for at in places(&source.code, prefix) {
            let line = source.line_at(at);
            for used in used_names(&source.code[at + prefix.len()..]) {
                let module = order.iter().position(|module| *module == used);
                let module = module.or_else(|| reexports.get(&used).copied());
                if let Some(module) = module.filter(|module| *module > own && !source.is_test(line))
                {
                    later.insert(&order[module]);
                    first = first.min(line);
                }
            }
        }
    }
    let names: Vec<String> = later.into_iter().map(|name| format!("`{name}`")).collect();
    (!names.is_empty()).then(|| Problem::new(&source.file, first, message(name, &names.join(", "))))
}

fn message(name: &str, others: &str) -> String {
    format!(
        "`{name}` names {others}, listed after it: a module uses only what is listed before it, so that the list in \
         lib.rs can be read as a plan; change its order, or move what both need to a module further up"
    )
}

/// The first words behind `crate::`: one, or those of a group `{a, b::c}`.
fn used_names(after: &str) -> Vec<String> {
    let Some(group) = after.strip_prefix('{') else { return vec![word_at(after, 0)] };
    let mut names = Vec::new();
    let mut depth = 0;
    let mut start = true;
    for (at, byte) in group.bytes().enumerate() {
        match byte {
            b'{' => depth += 1,
            b'}' if depth == 0 => break,
            b'}' => depth -= 1,
            b',' if depth == 0 => start = true,
            _ if start && is_word(byte) => {
                names.push(word_at(group, at));
                start = false;
            }
            _ => {}
        }
    }
    names
}

fn word_at(text: &str, at: usize) -> String {
    let rest = &text[at..];
    let length = rest.bytes().take_while(|byte| is_word(*byte)).count();
    rest[..length].to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{check, modules, used_names};

    #[test]
    fn reads_the_list_and_what_is_used() {
        assert_eq!(
            modules("pub mod a;\nmod b;\npub(crate) mod c { }\n#[cfg(test)]\nmod tests;"),
            ["a", "b", "c"]
        );
        assert_eq!(used_names("a::B;"), ["a"]);
        assert_eq!(used_names("{a::{b, c}, d, Self_};"), ["a", "d", "Self_"]);
    }

    #[test]
    fn a_module_uses_only_modules_before_it() {
        let top = (
            "crates/x/src/lib.rs",
            "mod words;\nmod disk;\nmod log;\npub use log::{Log, Cursor as At};\n",
        );
        for (file, text, expected) in [
            ("crates/x/src/log.rs", "use crate::disk::Disk;\nuse crate::words;", vec![]),
            (
                "crates/x/src/disk.rs",
                "use crate::words::Id;\nuse crate::log::Tail;",
                vec!["crates/x/src/disk.rs:2"],
            ),
            (
                "crates/x/src/disk.rs",
                "use crate::{words::{Id, log}, log};",
                vec!["crates/x/src/disk.rs:1"],
            ),
            ("crates/x/src/disk.rs", "use super::log;", vec!["crates/x/src/disk.rs:1"]),
            (
                "crates/x/src/disk/file.rs",
                "use super::log;\nfn f() { crate::Log::new() }",
                vec!["crates/x/src/disk/file.rs:2"],
            ),
            (
                "crates/x/src/disk.rs",
                "// crate::log\n#[cfg(test)]\nmod tests { use crate::log; }",
                vec![],
            ),
            (
                "crates/x/src/disk.rs",
                "macro_rules! m { () => { $crate::log::x() } }",
                vec!["crates/x/src/disk.rs:1"],
            ),
            ("crates/y/src/disk.rs", "use crate::log;", vec![]),
        ] {
            assert_eq!(found(check, &[top, (file, text)]), expected, "{text}");
        }
    }
}
