//! Links between documents lead somewhere, headings included.

use std::collections::HashSet;

use super::{House, Problem};

pub fn check(house: &House) -> Vec<Problem> {
    let files: HashSet<&str> = house.texts.iter().map(|(file, _)| file.as_str()).collect();
    let mut problems = Vec::new();
    for (file, text) in house.texts.iter().filter(|(file, _)| is_document(file)) {
        for (line, link) in links(text) {
            if link.contains("://") || link.starts_with("mailto:") {
                continue;
            }
            let (path, heading) = link.split_once('#').unwrap_or((&link, ""));
            let target = if path.is_empty() { file.clone() } else { resolve(file, path) };
            let is_folder = files.iter().any(|other| other.starts_with(&format!("{target}/")));
            if !files.contains(target.as_str()) && !is_folder {
                let message = format!(
                    "the link to `{link}` leads nowhere: no `{target}` in the repository; mend or remove it"
                );
                problems.push(Problem::new(file, line, message));
                continue;
            }
            let known = house.text(&target).is_none_or(|text| headings(text).contains(heading));
            if !heading.is_empty() && target.ends_with(".md") && !known {
                let message = format!(
                    "the link to `{link}` leads nowhere: `{target}` has no heading `#{heading}`"
                );
                problems.push(Problem::new(file, line, message));
            }
        }
    }
    problems
}

/// The documents of a reader: those under docs/, and those at the top and beside code.
fn is_document(file: &str) -> bool {
    file.ends_with(".md") && !file.contains("/fixtures/")
}

/// `[text](link)` outside code, with its line.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (at, line) in prose(text) {
        // Between two backticks is code: every second part.
        for part in line.split('`').step_by(2) {
            for rest in part.split("](").skip(1) {
                let link = rest.split([')', ' ']).next().unwrap_or_default();
                found.push((at, link.trim_matches(['<', '>']).to_owned()));
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

/// The lines outside fenced code, numbered from 1.
fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut lines = Vec::new();
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            lines.push((at + 1, line));
        }
    }
    lines
}

/// The names by which GitHub links to a document's headings.
fn headings(text: &str) -> HashSet<String> {
    let lines = prose(text).into_iter().filter(|(_, line)| line.starts_with('#'));
    lines.map(|(_, line)| anchor(line.trim_start_matches('#').trim())).collect()
}

fn anchor(heading: &str) -> String {
    let kept = heading.to_lowercase();
    let kept =
        kept.chars().filter(|character| character.is_alphanumeric() || " -_".contains(*character));
    kept.map(|character| if character == ' ' { '-' } else { character }).collect()
}

/// `path` as seen from the folder of `file`, relative to the repository.
fn resolve(file: &str, path: &str) -> String {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    if path.starts_with('/') {
        parts.clear();
    }
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::{check, headings, links, resolve};

    #[test]
    fn reads_links_outside_code() {
        let text = "[a](b.md) `[c](d.md)` ![e](f.png \"g\")\n```\n[h](i.md)\n```\n[`j`](k.md#l)";
        let found: Vec<_> =
            links(text).into_iter().map(|(line, link)| format!("{line} {link}")).collect();
        assert_eq!(found, ["1 b.md", "1 f.png", "5 k.md#l"]);
        assert_eq!(resolve("docs/a/b.md", "../c.md"), "docs/c.md");
        assert!(headings("# Once, and `only` once\n").contains("once-and-only-once"));
    }

    #[test]
    fn finds_links_that_lead_nowhere() {
        let problems = found(
            check,
            &[
                (
                    "docs/a.md",
                    "# Top\n[ok](b/c.md#it) [ok](b) [ok](https://x.y) [ok](#top)\n[no](c.md)\n[no](b/c.md#nothing)\n",
                ),
                ("docs/b/c.md", "## It\n[ok](../a.md)\n[no](a.md)\n"),
            ],
        );
        assert_eq!(problems, ["docs/a.md:3", "docs/a.md:4", "docs/b/c.md:3"]);
    }
}
