//! The search language: words and `"phrases"`, `field:value` with `*` for anything,
//! `-term`, `OR`, parentheses. Terms beside each other must all hold.
//!
//! ```text
//! any  := all (OR all)*
//! all  := ([-|NOT] term)+
//! term := ( any ) | word | "phrase" | field:value | field:"value" | field:*
//! ```

/// Longer searches are pasted by mistake.
pub const QUERY_BYTES_MAX: usize = 16 << 10;
const DEPTH_MAX: usize = 32;
const TERMS_MAX: usize = 256;

/// What a search asks of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Term {
    /// The text stands anywhere in the row, however its ASCII letters are cased.
    Phrase(String),
    Field {
        name: String,
        wanted: Pattern,
    },
    Not(Box<Term>),
    All(Vec<Term>),
    Any(Vec<Term>),
}

/// What a field's value must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    Present,
    Exactly(String),
    /// Texts with anything between them: `a*b` is `["a", "b"]`.
    Wildcard(Vec<String>),
}

impl Pattern {
    /// As a `LIKE` pattern.
    #[must_use]
    pub fn to_like(pieces: &[String]) -> String {
        let escape = |piece: &String| {
            let mut out = String::with_capacity(piece.len());
            for char in piece.chars() {
                if matches!(char, '%' | '_' | '\\') {
                    out.push('\\');
                }
                out.push(char);
            }
            out
        };
        pieces.iter().map(escape).collect::<Vec<_>>().join("%")
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSearch {
    #[error("the search is longer than {QUERY_BYTES_MAX} bytes")]
    TooLong,
    #[error("the search has more than {TERMS_MAX} terms")]
    TooMany,
    #[error("the search nests deeper than {DEPTH_MAX}")]
    TooDeep,
    #[error("a quote is not closed")]
    OpenQuote,
    #[error("a parenthesis is not closed")]
    OpenParenthesis,
    #[error("`)` closes nothing")]
    StrayParenthesis,
    #[error("`{0}` has nothing to apply to")]
    Nothing(&'static str),
    #[error("`{0}:` has no value; `{0}:*` asks for any")]
    NoValue(String),
}

/// Reads a search. An empty one asks nothing: every row passes.
pub fn parse(query: &str) -> Result<Term, BadSearch> {
    if query.len() > QUERY_BYTES_MAX {
        return Err(BadSearch::TooLong);
    }
    let mut parser = Parser { rest: query, terms: 0 };
    let term = parser.any(0)?;
    match parser.rest.is_empty() {
        true => Ok(term),
        false => Err(BadSearch::StrayParenthesis),
    }
}

struct Parser<'a> {
    rest: &'a str,
    terms: usize,
}

impl<'a> Parser<'a> {
    fn any(&mut self, depth: usize) -> Result<Term, BadSearch> {
        if depth > DEPTH_MAX {
            return Err(BadSearch::TooDeep);
        }
        let mut choices = vec![self.all(depth)?];
        while self.keyword("OR") {
            choices.push(self.all(depth)?);
        }
        let nothing = Term::All(Vec::new());
        if choices.len() > 1 && choices.contains(&nothing) {
            return Err(BadSearch::Nothing("OR"));
        }
        Ok(match choices.len() {
            1 => choices.swap_remove(0),
            _ => Term::Any(choices),
        })
    }

    fn all(&mut self, depth: usize) -> Result<Term, BadSearch> {
        let mut terms = Vec::new();
        loop {
            self.rest = self.rest.trim_start();
            if self.rest.is_empty() || self.rest.starts_with(')') || self.at_keyword("OR") {
                break;
            }
            if self.keyword("AND") {
                continue;
            }
            self.terms += 1;
            if self.terms > TERMS_MAX {
                return Err(BadSearch::TooMany);
            }
            terms.push(self.signed(depth)?);
        }
        Ok(match terms.len() {
            1 => terms.swap_remove(0),
            _ => Term::All(terms),
        })
    }

    fn signed(&mut self, depth: usize) -> Result<Term, BadSearch> {
        let mut negated = false;
        loop {
            if self.keyword("NOT") {
                negated = !negated;
            } else if self.rest.starts_with('-')
                && self.rest[1..].starts_with(|c: char| !c.is_whitespace() && c != ')')
            {
                self.rest = &self.rest[1..];
                negated = !negated;
            } else {
                break;
            }
        }
        let term = self.term(depth, negated)?;
        Ok(if negated { Term::Not(Box::new(term)) } else { term })
    }

    fn term(&mut self, depth: usize, negated: bool) -> Result<Term, BadSearch> {
        if self.rest.is_empty() || self.rest.starts_with(')') || self.at_keyword("OR") {
            return Err(BadSearch::Nothing(if negated { "NOT" } else { "(" }));
        }
        if let Some(inside) = self.rest.strip_prefix('(') {
            self.rest = inside;
            let term = self.any(depth + 1)?;
            self.rest = self.rest.strip_prefix(')').ok_or(BadSearch::OpenParenthesis)?;
            return Ok(term);
        }
        if self.rest.starts_with('"') {
            return Ok(Term::Phrase(self.quoted()?));
        }
        match self.field_name() {
            Some(name) => {
                self.rest = &self.rest[name.len() + 1..];
                let wanted = self.pattern(name, depth)?;
                Ok(Term::Field { name: name.to_owned(), wanted })
            }
            None => {
                let word = self.word(depth).concat();
                Ok(Term::Phrase(word.trim_matches('*').to_owned()))
            }
        }
    }

    /// What stands before the first colon, if it can be a field's name. `arn:aws:…`,
    /// `AWS::S3::Object`, `https://…` and addresses of version 6 are values, with no field
    /// before them.
    fn field_name(&self) -> Option<&'a str> {
        let end = self.rest.find(|c: char| c == ':' || c == '"' || c.is_whitespace())?;
        let (name, after) = self.rest.split_at(end);
        let after = after.strip_prefix(':')?;
        let mut chars = name.chars();
        let begins = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
        let plain = chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@' | '$'));
        let is_value = after.starts_with(':')
            || after.starts_with("//")
            || (name == "arn" && after.starts_with("aws"));
        (begins && plain && !is_value).then_some(name)
    }

    fn pattern(&mut self, name: &str, depth: usize) -> Result<Pattern, BadSearch> {
        if self.rest.starts_with('"') {
            return Ok(Pattern::Exactly(self.quoted()?));
        }
        let mut pieces = self.word(depth);
        if pieces.iter().all(String::is_empty) {
            return match pieces.len() {
                1 => Err(BadSearch::NoValue(name.to_owned())),
                _ => Ok(Pattern::Present),
            };
        }
        Ok(match pieces.len() {
            1 => Pattern::Exactly(pieces.swap_remove(0)),
            _ => Pattern::Wildcard(pieces),
        })
    }

    /// Text in quotes; `\"` and `\\` stand for themselves.
    fn quoted(&mut self) -> Result<String, BadSearch> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, char)) = chars.next() {
            match char {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => text.push(escaped),
                    Some((_, other)) => text.extend(['\\', other]),
                    None => break,
                },
                _ => text.push(char),
            }
        }
        Err(BadSearch::OpenQuote)
    }

    /// Text up to white space, or to the parenthesis that closes a group; cut at each `*`
    /// that no backslash stands before.
    fn word(&mut self, depth: usize) -> Vec<String> {
        let mut pieces = vec![String::new()];
        let mut open = 0usize;
        let mut chars = self.rest.char_indices();
        let mut end = self.rest.len();
        while let Some((at, char)) = chars.next() {
            let Some(piece) = pieces.last_mut() else { break };
            match char {
                '\\' if chars.as_str().starts_with('*') => {
                    piece.push('*');
                    chars.next();
                }
                '*' => pieces.push(String::new()),
                ')' if depth > 0 && open == 0 => {
                    end = at;
                    break;
                }
                _ if char.is_whitespace() => {
                    end = at;
                    break;
                }
                _ => {
                    open += usize::from(char == '(');
                    open -= usize::from(char == ')' && open > 0);
                    piece.push(char);
                }
            }
        }
        self.rest = &self.rest[end..];
        pieces
    }

    fn at_keyword(&self, keyword: &str) -> bool {
        let after = self.rest.strip_prefix(keyword);
        after.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || c == '(')
        })
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let found = self.at_keyword(keyword);
        if found {
            self.rest = self.rest[keyword.len()..].trim_start();
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A search as the parser understood it, in brackets.
    fn shown(term: &Term) -> String {
        let list = |terms: &[Term]| terms.iter().map(shown).collect::<Vec<_>>().join(" ");
        match term {
            Term::Phrase(text) => format!("<{text}>"),
            Term::Field { name, wanted: Pattern::Present } => format!("{name}=any"),
            Term::Field { name, wanted: Pattern::Exactly(text) } => format!("{name}=<{text}>"),
            Term::Field { name, wanted: Pattern::Wildcard(pieces) } => {
                format!("{name}~<{}>", pieces.join("|"))
            }
            Term::Not(term) => format!("not {}", shown(term)),
            Term::All(terms) => format!("all({})", list(terms)),
            Term::Any(terms) => format!("any({})", list(terms)),
        }
    }

    #[test]
    fn searches_are_understood() {
        for (query, expected) in [
            ("", "all()"),
            ("root", "<root>"),
            ("root  login", "all(<root> <login>)"),
            ("root AND login", "all(<root> <login>)"),
            ("\"console login\"", "<console login>"),
            (r#""say \"hi\" \\ \d""#, r#"<say "hi" \ \d>"#),
            ("eventName:DeleteDBInstance", "eventName=<DeleteDBInstance>"),
            ("eventname:Delete*", "eventname~<Delete|>"),
            ("eventname:*DB*", "eventname~<|DB|>"),
            (r"key:a\*b", "key=<a*b>"),
            ("errorcode:*", "errorcode=any"),
            ("-errorcode:*", "not errorcode=any"),
            ("-\"a b\" c", "all(not <a b> <c>)"),
            ("NOT a", "not <a>"),
            ("a OR b c", "any(<a> all(<b> <c>))"),
            ("(a OR b) c", "all(any(<a> <b>) <c>)"),
            ("-(a b)", "not all(<a> <b>)"),
            ("arn:aws:iam::1:root", "<arn:aws:iam::1:root>"),
            ("useridentity.arn:arn:aws:iam::1:root", "useridentity.arn=<arn:aws:iam::1:root>"),
            ("agent:\"a b\"", "agent=<a b>"),
            ("https://a.b/c", "<https://a.b/c>"),
            ("2001:db8::1", "<2001:db8::1>"),
            ("::1", "<::1>"),
            ("AWS::S3::Object", "<AWS::S3::Object>"),
            ("f(x)", "<f(x)>"),
            ("(f(x))", "<f(x)>"),
            ("a:(b)", "a=<(b)>"),
            ("Describe*", "<Describe>"),
            ("- a", "all(<-> <a>)"),
            ("ORDER", "<ORDER>"),
            ("日本:語*", "日本~<語|>"),
        ] {
            let term = parse(query).unwrap_or_else(|error| panic!("{query}: {error}"));
            assert_eq!(shown(&term), expected, "{query}");
        }
    }

    #[test]
    fn broken_searches_say_why() {
        let deep = "(".repeat(100);
        let many = "a ".repeat(TERMS_MAX + 1);
        for (query, expected) in [
            ("\"open", BadSearch::OpenQuote),
            ("a:\"open\\", BadSearch::OpenQuote),
            ("(a", BadSearch::OpenParenthesis),
            ("a )", BadSearch::StrayParenthesis),
            ("a OR", BadSearch::Nothing("OR")),
            ("OR a", BadSearch::Nothing("OR")),
            ("NOT", BadSearch::Nothing("NOT")),
            ("eventname:", BadSearch::NoValue("eventname".to_owned())),
            (&deep, BadSearch::TooDeep),
            (&many, BadSearch::TooMany),
        ] {
            assert_eq!(parse(query), Err(expected), "{query}");
        }
    }

    #[test]
    fn no_search_makes_the_parser_panic() {
        bolero::check!().with_type::<String>().for_each(|query| {
            let _ = parse(query);
        });
    }

    #[test]
    fn patterns_match_their_own_letters() {
        let pieces = ["100%_a\\".to_owned(), String::new()];
        assert_eq!(Pattern::to_like(&pieces), "100\\%\\_a\\\\%");
    }
}
