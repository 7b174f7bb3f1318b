//! How languages write an exception, or a panic, over several lines.
//!
//! Each is a table of steps: in a state, a line of this look leads to that state. Beginnings are
//! wide: a line that only looks like one is held until the next line, and comes out as it came.

use serde::Deserialize;

/// Before an event's first line.
pub const OUTSIDE: u8 = 0;

/// From a state, by a line that looks like this, to a state. The first that fits counts.
pub type Step = (u8, &'static str, u8);

/// A language whose traces can be put together, by its name in settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    Java,
    Python,
    Go,
    Node,
    Dotnet,
    Ruby,
}

impl Language {
    pub const ALL: [Language; 6] = [
        Language::Java,
        Language::Python,
        Language::Go,
        Language::Node,
        Language::Dotnet,
        Language::Ruby,
    ];

    pub fn steps(self) -> &'static [Step] {
        match self {
            Language::Java => JAVA,
            Language::Python => PYTHON,
            Language::Go => GO,
            Language::Node => NODE,
            Language::Dotnet => DOTNET,
            Language::Ruby => RUBY,
        }
    }
}

/// The exception's class begins it; a frame does, too, where the message had several lines.
const JAVA: &[Step] = &[
    (OUTSIDE, r"\b[A-Z][\w$]*(?:Exception|Error|Throwable)(?::|\s|$)", 1),
    (OUTSIDE, r"(?:^|[\s:])(?:[a-z]\w*\.)+[A-Z][\w$]*(?::|$)", 1),
    (OUTSIDE, r#"^Exception in thread ""#, 1),
    (OUTSIDE, r"^\s+at [\w.$/<>]+\(", 1),
    (1, r"^\s+at \S", 1),
    (1, r"^\s*(?:Caused by|Suppressed): ", 1),
    (1, r"^\s*\.\.\. \d+ (?:more|common frames omitted)", 1),
    (1, r"^\s*(?:Wrapped by: |\[CIRCULAR REFERENCE)", 1),
];

/// Frames until the exception's own line; behind it there may be the one that followed from it.
const PYTHON: &[Step] = &[
    (OUTSIDE, r"^\s*\+ Exception Group Traceback \(most recent call last\):", 3),
    (OUTSIDE, r"Traceback \(most recent call last\):\s*$", 1),
    (1, r"^[ \t]", 1),
    (1, r"^\S", 2),
    (2, r"^$", 2),
    (2, r"^(?:During handling of the above exception|The above exception was the direct cause)", 2),
    (2, r"^Traceback \(most recent call last\):\s*$", 1),
    (3, r"^\s+[|+]", 3),
];

/// What was wrong, then goroutines with their frames, each a call and, behind a tab, its place.
const GO: &[Step] = &[
    (OUTSIDE, r"^(?:panic|fatal error|runtime: \w[\w ]*|SIG[A-Z]+): ", 1),
    (OUTSIDE, r"\bpanic serving \S+: ", 1),
    (OUTSIDE, r"^goroutine \d+ (?:gp=\S+ m=\S+ (?:mp=\S+ )?)?\[[^\]]+\]:", 1),
    (1, r"^$", 1),
    (1, r"^\s", 1),
    (
        1,
        r"^(?:goroutine \d|panic: |fatal error: |\[signal |\[recovered|created by |exit status )",
        1,
    ),
    (1, r"^\S+\(.*\)$", 1),
    (1, r"^\.\.\.(?:additional frames elided|\d+ frames elided)", 1),
    (1, r"^r[\da-z]+ +0x[\da-f]+$", 1),
];

/// The error and its frames; for one that nobody caught, the place and the line of code before.
const NODE: &[Step] = &[
    (OUTSIDE, r"^(?:file://)?\S*[/\\]\S+\.[cm]?[jt]sx?:\d+$", 1),
    (OUTSIDE, r"^node:\S+:\d+$", 1),
    (OUTSIDE, r"\b(?:[A-Z]\w*)?(?:Error|Exception)(?: \[\w+\])?(?::|$)", 4),
    (1, r"", 2),
    (2, r"^\s*\^+\s*$", 3),
    (3, r"^$", 3),
    (3, r"^\S", 4),
    (4, r"^\s+at \S", 4),
    (4, r"^\s{2,}\S", 4),
    (4, r"^\}$", 4),
    (4, r"^$", 5),
    (5, r"^Node\.js v\d", 5),
];

/// Exceptions, and what the console logger of .NET writes: a level, and indented lines.
const DOTNET: &[Step] = &[
    (OUTSIDE, r"^(?:trce|dbug|info|warn|fail|crit): \S+\[\d+\]$", 2),
    (OUTSIDE, r"^Unhandled exception[.:]", 1),
    (OUTSIDE, r"(?:^|[\s:>])(?:[A-Za-z_]\w*\.)*[A-Z]\w*Exception(?::|\s|$)", 1),
    (1, r"^\s+at \S", 1),
    (1, r"^\s*(?:---> |--- End of )", 1),
    (2, r"^ {6}", 2),
];

/// `file:line:in 'method': message (Class)` and the callers; and as Rails logs it.
const RUBY: &[Step] = &[
    (OUTSIDE, r"^\S+:\d+:in [`'].+: .* \(\S+\)$", 1),
    (OUTSIDE, r"^(?:\[[\w-]+\] )?[A-Z][\w:]*(?:Error|Exception|Missing|NotFound) \(.*\):$", 2),
    (1, r"^\s+(?:from |\d+: from )\S", 1),
    (1, r"^\s*\^+~*\s*$", 1),
    (2, r"^(?:\[[\w-]+\] )?\s*$", 2),
    (2, r"^(?:\[[\w-]+\] )?\s*\S+:\d+:in [`']", 2),
];
