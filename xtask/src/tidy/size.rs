//! Files and functions that one can hold in one's head. The median is no problem anywhere; the
//! longest ones are where codebases differ.

use super::source::{Source, block_end, is_word, places};
use super::{House, Problem};

const FILE_LINES_MAX: usize = 600;
const FILE_WITH_TESTS_LINES_MAX: usize = 900;
const FUNCTION_LINES_MAX: usize = 90;

pub fn check(house: &House) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in &house.sources {
        let lines = source.lines_outside_tests();
        if lines > FILE_LINES_MAX {
            let message = format!(
                "{lines} lines outside tests, more than {FILE_LINES_MAX}: it does more than one thing; move one of them \
                 into a file of its own"
            );
            problems.push(Problem::new(&source.file, 0, message));
        }
        let all = source.code.lines().count();
        if all > FILE_WITH_TESTS_LINES_MAX {
            let message = format!(
                "{all} lines with tests, more than {FILE_WITH_TESTS_LINES_MAX}: say cases as data, or move the tests into \
                 a `tests.rs` beside it"
            );
            problems.push(Problem::new(&source.file, 0, message));
        }
        for function in functions(source) {
            if function.lines > FUNCTION_LINES_MAX && !source.is_test(function.line) {
                let message = format!(
                    "`{}` has {} lines, more than {FUNCTION_LINES_MAX}: give its steps names and call them",
                    function.name, function.lines
                );
                problems.push(Problem::new(&source.file, function.line, message));
            }
        }
    }
    problems
}

/// The longest functions outside tests, as lines to print.
pub fn longest(sources: &[Source], count: usize) -> Vec<String> {
    let mut all: Vec<(usize, String)> = Vec::new();
    for source in sources {
        for function in
            functions(source).into_iter().filter(|function| !source.is_test(function.line))
        {
            all.push((
                function.lines,
                format!("{}:{} {}", source.file, function.line, function.name),
            ));
        }
    }
    all.sort_by(|a, b| b.cmp(a));
    all.iter().take(count).map(|(lines, place)| format!("{lines:>4} lines  {place}")).collect()
}

#[derive(PartialEq, Debug)]
struct Function {
    name: String,
    line: usize,
    lines: usize,
}

/// Every function with a body. `fn(u8) -> u8` as a type has no name and is none.
fn functions(source: &Source) -> Vec<Function> {
    let mut found = Vec::new();
    for at in places(&source.code, "fn ") {
        let name: String = source.code[at + 3..]
            .bytes()
            .take_while(|byte| is_word(*byte))
            .map(char::from)
            .collect();
        let end = block_end(&source.code, at);
        if name.is_empty() || !source.code[..end].ends_with('}') {
            continue;
        }
        let line = source.line_at(at);
        found.push(Function { name, line, lines: source.line_at(end) - line + 1 });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::super::source::Source;
    use super::{check, functions};

    #[test]
    fn measures_functions() {
        let text = "fn a() {\n  let f: fn (u8) -> u8 = b;\n}\ntrait T {\n  fn c();\n  fn d() { \"}\"; }\n}\n";
        let found: Vec<_> = functions(&Source::new("a.rs", text))
            .into_iter()
            .map(|f| (f.name, f.line, f.lines))
            .collect();
        assert_eq!(found, [("a".to_owned(), 1, 3), ("d".to_owned(), 6, 1)]);
    }

    #[test]
    fn limits_files_and_functions() {
        let long =
            |head: &str, lines: usize| format!("{head} {{\n{}}}\n", "x;\n".repeat(lines - 2));
        for (text, expected) in [
            (long("fn a()", 90), vec![]),
            (long("fn a()", 91), vec!["a/src/b.rs:1"]),
            (long("#[test] fn a()", 91), vec![]),
            (long("const A: [u8; 1] =", 601), vec!["a/src/b.rs:0"]),
            (long("#[cfg(test)] mod tests", 900), vec![]),
            (long("#[cfg(test)] mod tests", 901), vec!["a/src/b.rs:0"]),
        ] {
            assert_eq!(found(check, &[("a/src/b.rs", &text)]), expected);
        }
    }
}
