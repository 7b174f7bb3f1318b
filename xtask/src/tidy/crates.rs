//! Which crate may name which: the order of ARCHITECTURE.md, read from every `Cargo.toml`.

use super::{House, Problem};

/// Each crate and the crates of ours it may name, lowest first.
const ORDER: [(&str, &[&str]); 9] = [
    ("kura-core", &[]),
    ("kura-formats", &["kura-core"]),
    ("kura-demo", &["kura-core"]),
    ("kura-store", &["kura-core"]),
    ("kura-ingest", &["kura-core", "kura-formats", "kura-store"]),
    ("kura-query", &["kura-core", "kura-formats", "kura-store"]),
    ("kura-server", &["kura-core", "kura-formats", "kura-store", "kura-ingest", "kura-query"]),
    (
        "kura",
        &[
            "kura-core",
            "kura-formats",
            "kura-demo",
            "kura-store",
            "kura-ingest",
            "kura-query",
            "kura-server",
        ],
    ),
    ("xtask", &[]),
];

/// Made-up logs are for every crate's tests.
const ALLOWED_IN_TESTS: &str = "kura-demo";

/// Whoever links DataFusion is rebuilt with it, and knows plans where others know use cases.
const MAY_NAME_DATAFUSION: [&str; 4] = ["kura-store", "kura-query", "kura-server", "kura"];

pub fn check(house: &House) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (file, manifest) in &house.texts {
        let name = file.strip_prefix("crates/").unwrap_or(file).strip_suffix("/Cargo.toml");
        if let Some(name) = name.filter(|name| !name.contains('/')) {
            check_manifest(file, name, manifest, &mut problems);
        }
    }
    problems
}

fn check_manifest(file: &str, name: &str, manifest: &str, problems: &mut Vec<Problem>) {
    let Some((_, allowed)) = ORDER.iter().find(|(each, _)| *each == name) else {
        let message = format!(
            "the crate `{name}` has no row in ARCHITECTURE.md's order; give it one there and in xtask/src/tidy/crates.rs, \
             or make it a module of a crate that exists"
        );
        problems.push(Problem::new(file, 0, message));
        return;
    };
    for dependency in dependencies(manifest) {
        let for_tests = dependency.for_tests && dependency.name == ALLOWED_IN_TESTS;
        let ours = ORDER.iter().any(|(each, _)| *each == dependency.name);
        if ours && !allowed.contains(&dependency.name.as_str()) && !for_tests {
            let message = format!(
                "`{name}` may not name `{}`: crates know only what lies below them (ARCHITECTURE.md), else stages meet \
                 through each other's types; put what both need into `kura-core`, as a trait or a plain type",
                dependency.name
            );
            problems.push(Problem::new(file, dependency.line, message));
        }
        if dependency.name.starts_with("datafusion") && !MAY_NAME_DATAFUSION.contains(&name) {
            let message = format!(
                "`{name}` may not name `{}`: only {} link it; hand Arrow batches over instead",
                dependency.name,
                MAY_NAME_DATAFUSION.join(", ")
            );
            problems.push(Problem::new(file, dependency.line, message));
        }
    }
}

#[derive(PartialEq, Debug)]
struct Dependency {
    name: String,
    line: usize,
    for_tests: bool,
}

/// The names in every `…dependencies` table, of all targets: `a = …`, `a.workspace = true` and
/// `[dependencies.a]`.
fn dependencies(manifest: &str) -> Vec<Dependency> {
    let mut found = Vec::new();
    let mut table = String::new();
    for (at, line) in manifest.lines().enumerate() {
        let line = line.trim();
        let for_tests = table.ends_with("dev-dependencies");
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']').to_owned();
            if let Some((parent, name)) =
                table.rsplit_once('.').filter(|(parent, _)| parent.ends_with("dependencies"))
            {
                let for_tests = parent.ends_with("dev-dependencies");
                found.push(Dependency { name: unquoted(name), line: at + 1, for_tests });
            }
        } else if table.ends_with("dependencies")
            && let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with('#'))
        {
            let name = unquoted(key.split('.').next().unwrap_or(key));
            found.push(Dependency { name, line: at + 1, for_tests });
        }
    }
    found
}

fn unquoted(text: &str) -> String {
    text.trim().trim_matches('"').to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{check, dependencies};

    #[test]
    fn reads_every_way_to_name_a_dependency() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\na.workspace = true\n# b = 1\nc = { path = \"..\" }\n\
                        [target.'cfg(unix)'.dependencies]\nd = \"1\"\n[dev-dependencies.e]\nversion = \"1\"\n[dev-dependencies]\nf = \"1\"\n";
        let names: Vec<_> = dependencies(manifest)
            .into_iter()
            .map(|each| (each.name, each.line, each.for_tests))
            .collect();
        let expected =
            [("a", 4, false), ("c", 6, false), ("d", 8, false), ("e", 9, true), ("f", 12, true)];
        assert_eq!(
            names,
            expected.map(|(name, line, for_tests)| (name.to_owned(), line, for_tests))
        );
    }

    #[test]
    fn keeps_the_order_of_the_crates() {
        let problems = found(
            check,
            &[
                (
                    "crates/kura-formats/Cargo.toml",
                    "[dependencies]\nkura-core.workspace = true\nkura-store.workspace = true\n",
                ),
                (
                    "crates/kura-core/Cargo.toml",
                    "[dependencies]\ndatafusion = \"1\"\n[dev-dependencies]\nkura-demo = \"1\"\n",
                ),
                (
                    "crates/kura-query/Cargo.toml",
                    "[dependencies]\ndatafusion = \"1\"\nkura-ingest = \"1\"\n",
                ),
                ("crates/kura/Cargo.toml", "[dependencies]\nkura-server = \"1\"\n"),
                ("xtask/Cargo.toml", "[dependencies]\nkura-core = \"1\"\n"),
                ("crates/kura-extra/Cargo.toml", "[dependencies]\n"),
            ],
        );
        assert_eq!(
            problems,
            [
                "crates/kura-core/Cargo.toml:2",
                "crates/kura-extra/Cargo.toml:0",
                "crates/kura-formats/Cargo.toml:3",
                "crates/kura-query/Cargo.toml:3",
                "xtask/Cargo.toml:2",
            ]
        );
    }
}
