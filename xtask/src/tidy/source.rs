//! A Rust file as the rules see it: its code with comments and texts blanked out, and which of
//! its lines are tests.

/// A Rust file.
pub struct Source {
    pub file: String,
    pub text: String,
    /// `text`, byte for byte as long, with blanks for comments and for what texts contain.
    pub code: String,
    /// Per line, from 0: whether it belongs to a test.
    tests: Vec<bool>,
}

impl Source {
    pub fn new(file: &str, text: &str) -> Source {
        let code = blank(text);
        let tests = test_lines(file, &code);
        Source { file: file.to_owned(), text: text.to_owned(), code, tests }
    }

    /// Whether a line, from 1, belongs to a test.
    pub fn is_test(&self, line: usize) -> bool {
        self.tests.get(line - 1).copied().unwrap_or(false)
    }

    /// How many lines are not tests.
    pub fn lines_outside_tests(&self) -> usize {
        self.tests.iter().filter(|test| !**test).count()
    }

    /// The line, from 1, of a byte.
    pub fn line_at(&self, at: usize) -> usize {
        line_at(&self.code, at)
    }
}

fn line_at(text: &str, at: usize) -> usize {
    text.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1
}

/// Whether a byte can be part of a Rust word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// Every place at which `word` stands as a word of its own: no letter, digit or `_` before it.
pub fn places<'a>(code: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let bytes = code.as_bytes();
    let starts = code.match_indices(word).map(|(at, _)| at);
    starts.filter(move |at| *at == 0 || !is_word(bytes[at - 1]) || !is_word(word.as_bytes()[0]))
}

/// The byte after the block that the next `{` after `from` opens; the byte after a `;` where that
/// comes first. Brackets of other kinds are stepped over, so `fn x() -> [u8; 4] {` works.
pub fn block_end(code: &str, from: usize) -> usize {
    let mut brackets = 0_i32;
    let mut braces = 0_i32;
    for (at, byte) in code.bytes().enumerate().skip(from) {
        match byte {
            b'(' | b'[' => brackets += 1,
            b')' | b']' => brackets -= 1,
            b'{' => braces += 1,
            b'}' => {
                braces -= 1;
                if braces <= 0 {
                    return at + 1;
                }
            }
            b';' if brackets == 0 && braces == 0 => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The lines of `#[cfg(test)]` items and of test functions; all lines of files that hold tests.
fn test_lines(file: &str, code: &str) -> Vec<bool> {
    let count = code.lines().count();
    let folders = ["/tests/", "/benches/", "/fuzz/"];
    let endings = ["/tests.rs", "_tests.rs"];
    if folders.iter().any(|folder| file.contains(folder))
        || endings.iter().any(|ending| file.ends_with(ending))
    {
        return vec![true; count];
    }
    let mut tests = vec![false; count];
    for attribute in ["#[cfg(test)]", "#[test]", "#[tokio::test"] {
        for (at, _) in code.match_indices(attribute) {
            // From behind the attribute's own `]`, which may hold arguments.
            let from = at + code[at..].find(']').unwrap_or_default() + 1;
            let end = block_end(code, from);
            for line in line_at(code, at)..=line_at(code, end.min(code.len())) {
                if let Some(test) = tests.get_mut(line - 1) {
                    *test = true;
                }
            }
        }
    }
    tests
}

/// Blanks comments and the insides of texts and characters. Line ends stay.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut code = bytes.to_vec();
    let mut at = 0;
    while at < bytes.len() {
        let (from, to) = match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => (at, line_comment_end(bytes, at)),
            b'/' if bytes.get(at + 1) == Some(&b'*') => (at, block_comment_end(bytes, at)),
            b'"' => (at + 1, text_end(bytes, at)),
            b'r' if !after_word(bytes, at) && raw_hashes(bytes, at).is_some() => {
                (at + 1, raw_text_end(bytes, at))
            }
            b'\'' => (at + 1, character_end(text, at)),
            _ => (at, at),
        };
        for byte in &mut code[from..to.max(from)] {
            if *byte != b'\n' {
                *byte = b' ';
            }
        }
        at = to.max(at + 1);
    }
    // Only whole characters were blanked, so this is text again.
    String::from_utf8_lossy(&code).into_owned()
}

/// Whether an `r` is the end of a word. `br"` and `cr"` are not words.
fn after_word(bytes: &[u8], at: usize) -> bool {
    let prefix = at > 0 && matches!(bytes[at - 1], b'b' | b'c');
    let before = if prefix { at.checked_sub(2) } else { at.checked_sub(1) };
    before.is_some_and(|before| is_word(bytes[before]))
}

fn line_comment_end(bytes: &[u8], at: usize) -> usize {
    bytes[at..].iter().position(|byte| *byte == b'\n').map_or(bytes.len(), |length| at + length)
}

fn block_comment_end(bytes: &[u8], at: usize) -> usize {
    let mut depth = 0;
    let mut here = at;
    while here < bytes.len() {
        match &bytes[here..(here + 2).min(bytes.len())] {
            b"/*" => (depth, here) = (depth + 1, here + 2),
            b"*/" => (depth, here) = (depth - 1, here + 2),
            _ => here += 1,
        }
        if depth == 0 {
            return here;
        }
    }
    bytes.len()
}

fn text_end(bytes: &[u8], at: usize) -> usize {
    let mut here = at + 1;
    while here < bytes.len() && bytes[here] != b'"' {
        here += if bytes[here] == b'\\' { 2 } else { 1 };
    }
    (here + 1).min(bytes.len())
}

/// How many `#` a raw text that starts at this `r` has; nothing where none starts.
fn raw_hashes(bytes: &[u8], at: usize) -> Option<usize> {
    let hashes = bytes[at + 1..].iter().take_while(|byte| **byte == b'#').count();
    (bytes.get(at + 1 + hashes) == Some(&b'"')).then_some(hashes)
}

fn raw_text_end(bytes: &[u8], at: usize) -> usize {
    let hashes = raw_hashes(bytes, at).unwrap_or_default();
    let mut closing = vec![b'"'];
    closing.extend(std::iter::repeat_n(b'#', hashes));
    let start = at + 2 + hashes;
    let length = bytes[start..].windows(closing.len()).position(|window| window == closing);
    length.map_or(bytes.len(), |length| start + length + closing.len())
}

/// Behind a character such as `'{'`; the byte after the quote where it is a lifetime.
fn character_end(text: &str, at: usize) -> usize {
    let after = &text[at + 1..];
    let Some(first) = after.chars().next() else { return text.len() };
    if first == '\\' {
        // The escaped character itself may be a quote.
        let closing = after.char_indices().skip(2).find(|(_, character)| *character == '\'');
        return closing.map_or(text.len(), |(length, _)| at + 1 + length + 1);
    }
    let behind = at + 1 + first.len_utf8();
    if text[behind..].starts_with('\'') { behind + 1 } else { at + 1 }
}

#[cfg(test)]
mod tests {
    use super::{Source, block_end, places};

    fn code(text: &str) -> String {
        Source::new("a.rs", text).code
    }

    #[test]
    fn blanks_comments_and_texts_and_keeps_the_rest() {
        for (text, expected) in [
            ("a // b\nc", "a     \nc"),
            ("a /* b /* c */ d */ e", "a                   e"),
            (r#"f("{\"}", x)"#, r#"f("     , x)"#),
            (r##"f(r#"{"}"#, x)"##, r##"f(r       , x)"##),
            (r#"br"{" {"#, r#"br    {"#),
            ("'{' + '\\'' + '\\u{7b}'", "'   + '    + '       "),
            ("fn f<'a>(x: &'a str) {}", "fn f<'a>(x: &'a str) {}"),
            ("'é' {", "'    {"),
            ("for\"{\"", "for\"  "),
        ] {
            // A closing quote is blanked with what it closes: no rule misses it.
            let got = code(text);
            assert_eq!(got.len(), text.len(), "{text}");
            assert_eq!(
                got.replace(['"', '\''], " ").trim_end(),
                expected.replace(['"', '\''], " ").trim_end(),
                "{text}"
            );
        }
    }

    #[test]
    fn knows_which_lines_are_tests() {
        let source = Source::new(
            "crates/a/src/b.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n#[tokio::test(start_paused = true)]\nasync fn d() {\n}\n",
        );
        let lines: Vec<usize> = (1..=9).filter(|line| source.is_test(*line)).collect();
        assert_eq!(lines, [2, 3, 4, 5, 7, 8, 9]);
        assert_eq!(source.lines_outside_tests(), 2);
        assert!(Source::new("crates/a/tests/all/b.rs", "x").is_test(1));
        assert!(Source::new("crates/a/src/b/tests.rs", "x").is_test(1));
        assert!(Source::new("crates/a/src/b_tests.rs", "x").is_test(1));
        assert!(!Source::new("crates/a/src/b.rs", "x").is_test(1));
    }

    #[test]
    fn finds_the_end_of_a_block() {
        for (code, rest) in
            [("fn x() -> [u8; 4] { { } } y", " y"), ("fn x(); y", " y"), ("mod x;{", "{")]
        {
            assert_eq!(&code[block_end(code, 0)..], rest);
        }
    }

    #[test]
    fn finds_whole_words_only() {
        assert_eq!(
            places("println!(); eprintln!(); println!()", "println!").collect::<Vec<_>>(),
            [0, 25]
        );
        assert_eq!(places("a.b c.b", ".b").count(), 2);
    }
}
