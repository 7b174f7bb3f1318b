//! Words that do not stand in our code, each with its reason and what to write instead.

use super::source::{Source, places};
use super::{House, Problem};

struct Ban {
    words: &'static [&'static str],
    within: Within,
    /// Where it may stand: a file, a folder `a/`, or any folder of that name `/a/`.
    allowed: &'static [&'static str],
    message: &'static str,
}

#[derive(PartialEq)]
enum Within {
    Code,
    Tests,
}

const CLOCK: &str = "crates/kura-core/src/clock.rs";

const BANS: &[Ban] = &[
    Ban {
        words: &["thread::sleep", "time::sleep", "sleep("],
        within: Within::Tests,
        allowed: &[],
        message: "a test that sleeps is slow where it is right and wrong where the machine is slow: wait for the thing \
                  itself (a channel, a line of output, a notification), or turn the fake clock of `kura-core`",
    },
    Ban {
        words: &["#[ignore"],
        within: Within::Code,
        allowed: &[],
        message: "an ignored test is one nobody runs: make it pass, or delete it",
    },
    Ban {
        words: &["todo!", "unimplemented!"],
        within: Within::Code,
        allowed: &[],
        message: "it would panic in somebody's hands: finish it, or leave it out and say so in the documentation",
    },
    Ban {
        words: &["dbg!"],
        within: Within::Code,
        allowed: &[],
        message: "left over from looking for a fault: delete it, or say it with `tracing`",
    },
    Ban {
        words: &["println!", "eprintln!", "print!", "eprint!"],
        within: Within::Code,
        // A test that leaves something out says so.
        allowed: &["crates/kura/", "xtask/", "/examples/", "/benches/", "/tests/"],
        message: "only the binary talks to a terminal (data to stdout, the rest to stderr): return the value, or use \
                  `tracing`",
    },
    Ban {
        words: &["SystemTime::now", "Utc::now", "Local::now"],
        within: Within::Code,
        allowed: &[CLOCK, "crates/kura-core/src/clock/", "xtask/"],
        message: "time is reached only through the clock of `kura-core`: that is what lets a test or a simulation set it",
    },
    Ban {
        words: &["Instant::now"],
        within: Within::Code,
        // The clock; and who only measures seconds, for a report that a person reads.
        allowed: &[
            "crates/kura-query/src/answer.rs",
            "crates/kura/src/commands/import.rs",
            "crates/kura/src/commands/reparse.rs",
            "crates/kura/tests/kura/kills.rs",
            CLOCK,
            "crates/kura-core/src/clock/",
            "xtask/",
            "/examples/",
            "/benches/",
        ],
        message: "time is reached only through the clock of `kura-core`; a file that only measures seconds for a report \
                  is named in xtask/src/tidy/words.rs",
    },
];

/// Build scripts speak to cargo by printing.
const BUILD_SCRIPT: &str = "build.rs";

const PORT_MESSAGE: &str = "a fixed port is somebody else's on the next machine: bind port 0 and read the address back; in \
                            text that is only data write a documentation address (192.0.2.1)";

const HTML_MESSAGE: &str =
    "log text would run as a page: show it as text (`{value}`), which Svelte escapes";

pub fn check(house: &House) -> Vec<Problem> {
    let mut problems = Vec::new();
    for source in &house.sources {
        for ban in BANS {
            check_ban(source, ban, &mut problems);
        }
        check_ports(source, &mut problems);
    }
    // Written in two parts, so that this file does not contain it.
    let html = concat!("{@", "html");
    for (file, text) in house.texts.iter().filter(|(file, _)| file.starts_with("ui/")) {
        for (at, _) in text.lines().enumerate().filter(|(_, line)| line.contains(html)) {
            problems.push(Problem::new(file, at + 1, format!("`{html}`: {HTML_MESSAGE}")));
        }
    }
    problems
}

fn check_ban(source: &Source, ban: &Ban, problems: &mut Vec<Problem>) {
    if source.file.ends_with(BUILD_SCRIPT)
        || ban.allowed.iter().any(|allowed| is_at(&source.file, allowed))
    {
        return;
    }
    let mut last = 0;
    for word in ban.words {
        for at in places(&source.code, word) {
            let line = source.line_at(at);
            let method_or_definition =
                source.code[..at].ends_with('.') || source.code[..at].ends_with("fn ");
            if line == last
                || method_or_definition
                || (ban.within == Within::Tests && !source.is_test(line))
            {
                continue;
            }
            last = line;
            problems.push(Problem::new(
                &source.file,
                line,
                format!("`{}`: {}", word.trim_end_matches('('), ban.message),
            ));
        }
    }
}

fn is_at(file: &str, place: &str) -> bool {
    match place.starts_with('/') {
        true => file.contains(place),
        false => file == place || (place.ends_with('/') && file.starts_with(place)),
    }
}

/// Looks into texts too: that is where addresses stand.
fn check_ports(source: &Source, problems: &mut Vec<Problem>) {
    for (at, line) in source.text.lines().enumerate() {
        let fixed = ["127.0.0.1:", "localhost:", "0.0.0.0:", "[::1]:"].iter().any(|host| {
            line.match_indices(host).any(|(found, _)| {
                let port = line[found + host.len()..].bytes().next();
                port.is_some_and(|byte| (b'1'..=b'9').contains(&byte))
            })
        });
        if fixed && source.is_test(at + 1) && !source.file.starts_with("xtask/src/tidy/") {
            problems.push(Problem::new(&source.file, at + 1, PORT_MESSAGE));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::found;
    use super::check;

    #[test]
    fn finds_words_where_they_do_not_belong() {
        for (file, text, expected) in [
            ("crates/kura-x/src/a.rs", "fn a() { todo!() }", true),
            ("crates/kura-x/src/a.rs", "// todo!()\nfn a() -> &str { \"dbg!\" }", false),
            ("crates/kura-x/src/a.rs", "fn a() { println!() }", true),
            ("crates/kura-x/build.rs", "fn a() { println!() }", false),
            ("crates/kura/src/main.rs", "fn a() { println!() }", false),
            ("crates/kura-x/src/a.rs", "fn a() { writeln!(x) }", false),
            ("crates/kura-x/examples/a.rs", "fn a() { println!(); Instant::now() }", false),
            ("crates/kura-x/src/a.rs", "fn a() { Utc::now() }", true),
            ("crates/kura-core/src/clock.rs", "fn a() { Utc::now(); Instant::now() }", false),
            ("crates/kura-x/src/a.rs", "fn a() { tokio::time::sleep(x) }", false),
            ("crates/kura-x/tests/a.rs", "fn a() { tokio::time::sleep(x) }", true),
            ("crates/kura-x/tests/a.rs", "use tokio::time::{sleep};\nfn a() { sleep(x) }", true),
            ("crates/kura-x/tests/a.rs", "fn sleep() { clock.sleep(x) }", false),
            ("crates/kura-x/src/a.rs", "#[ignore = \"slow\"]\n#[test] fn a() {}", true),
            ("crates/kura-x/tests/a.rs", "const A: &str = \"127.0.0.1:7575\";", true),
            ("crates/kura-x/tests/a.rs", "const A: &str = \"127.0.0.1:0\";", false),
            ("crates/kura-x/src/a.rs", "const A: &str = \"127.0.0.1:7575\";", false),
            ("ui/src/A.svelte", concat!("<p>{@", "html x}</p>"), true),
            ("docs/a.md", concat!("<p>{@", "html x}</p>"), false),
        ] {
            assert_eq!(!found(check, &[(file, text)]).is_empty(), expected, "{file}: {text}");
        }
    }

    #[test]
    fn one_line_is_told_once() {
        assert_eq!(found(check, &[("crates/kura-x/tests/a.rs", "thread::sleep(x)")]).len(), 1);
    }
}
