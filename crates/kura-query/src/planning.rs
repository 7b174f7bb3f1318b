//! Planning, on a stack of its own: planners walk expressions by recursion, and an
//! expression is as deep as a person, or a program, writes it. A statement must not be able
//! to end the process.

use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::tokenizer::Token;
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::error::{QueryError, Result};

/// Address space, not memory: what is not touched is not taken.
const STACK_BYTES: usize = 256 << 20;
/// How many operators may follow each other in one expression, nested ones added up. Plans
/// are run on usual stacks of 2 MiB, and a debug build overflows those at some thousand.
const OPERATORS_MAX: usize = 500;
/// Queries within a statement (those of `WITH` too), and tables joined in it.
const QUERIES_MAX: usize = 128;
/// How many `POSITION(…)` and odd `INTERVAL`s a statement may have: the parser reads what
/// stands in them several times, over and over if they stand in each other.
const RETRIED_MAX: usize = 8;

/// Runs CPU-bound, recursive work on a thread with room for it. Given up, it goes on to its
/// end unseen: planning ends soon.
pub async fn on_deep_stack<T: Send + 'static>(
    work: impl Future<Output = Result<T>> + Send + 'static,
) -> Result<T> {
    let (send, receive) = oneshot::channel();
    let runtime = Handle::current();
    std::thread::Builder::new()
        .name("kura-plan".to_owned())
        .stack_size(STACK_BYTES)
        .spawn(move || {
            // Nobody waiting any more is no failure.
            let _ = send.send(runtime.block_on(work));
        })
        .map_err(|error| QueryError::Internal {
            message: format!("no thread to plan on: {error}"),
        })?;
    let lost = |_| QueryError::Internal { message: "planning ended early".to_owned() };
    receive.await.map_err(lost)?
}

/// Refuses statements whose plans would be deeper than stacks are, by their tokens alone.
///
/// Operators in a row make a tree as deep as they are many; `AND` and `OR` begin a new row
/// of the others. Queries and joins may all lie within each other.
pub fn check_shape(tokens: impl IntoIterator<Item = Token>) -> Result<()> {
    let mut open: Vec<Row> = vec![Row::default()];
    // Operators of all rows but the innermost.
    let mut outer = 0usize;
    let (mut operators, mut queries, mut joins, mut retried) = (0, 0, 0, 0);
    let mut before = Token::EOF;
    for token in tokens {
        if matches!(token, Token::Whitespace(_)) {
            continue;
        }
        retried += usize::from(is_retried(&before, &token));
        before = token.clone();
        match &token {
            Token::LParen | Token::LBracket | Token::LBrace => {
                outer += open.last().map_or(0, Row::operators);
                open.push(Row::default());
            }
            Token::RParen | Token::RBracket | Token::RBrace if open.len() > 1 => {
                open.pop();
                outer -= open.last().map_or(0, Row::operators);
            }
            other => {
                let Some(row) = open.last_mut() else { continue };
                queries += usize::from(is_keyword(other, Keyword::SELECT));
                joins += usize::from(row.joins_by(other));
                row.add(other);
                operators = operators.max(outer + row.operators());
            }
        }
    }
    let refused =
        |message: String, hint: &str| Err(QueryError::with_hint(message, Some(hint.to_owned())));
    if operators > OPERATORS_MAX {
        let message = format!("the statement has more than {OPERATORS_MAX} operators in a row");
        return refused(message, "write many alternatives as `column IN (…)`");
    }
    if queries > QUERIES_MAX || joins > QUERIES_MAX {
        let message = format!("the statement has more than {QUERIES_MAX} queries or joins in it");
        return refused(message, "ask in several statements");
    }
    if retried > RETRIED_MAX {
        let message =
            format!("the statement has more than {RETRIED_MAX} `POSITION` or odd `INTERVAL`");
        return refused(message, "write `strpos(text, part)`, and `INTERVAL '1' DAY`");
    }
    Ok(())
}

fn is_retried(before: &Token, token: &Token) -> bool {
    let is_literal = matches!(token, Token::SingleQuotedString(_) | Token::Number(..));
    (is_keyword(before, Keyword::POSITION) && *token == Token::LParen)
        || (is_keyword(before, Keyword::INTERVAL) && !is_literal)
}

fn is_keyword(token: &Token, keyword: Keyword) -> bool {
    matches!(token, Token::Word(word) if word.keyword == keyword)
}

/// What stands beside each other, between two parentheses.
#[derive(Debug, Default)]
struct Row {
    logical: usize,
    others: usize,
    in_from: bool,
}

impl Row {
    fn operators(&self) -> usize {
        self.logical + self.others
    }

    fn joins_by(&self, token: &Token) -> bool {
        is_keyword(token, Keyword::JOIN) || (self.in_from && *token == Token::Comma)
    }

    fn add(&mut self, token: &Token) {
        match token {
            Token::Comma | Token::SemiColon => (self.logical, self.others) = (0, 0),
            Token::Word(word) => self.add_keyword(word.keyword),
            Token::Number(..)
            | Token::SingleQuotedString(_)
            | Token::DoubleQuotedString(_)
            | Token::EOF => {}
            // Operators of all kinds, and the dots of long names.
            _ => self.others += 1,
        }
    }

    fn add_keyword(&mut self, keyword: Keyword) {
        match keyword {
            Keyword::AND | Keyword::OR => {
                self.logical += 1;
                self.others = 0;
            }
            Keyword::SELECT
            | Keyword::FROM
            | Keyword::WHERE
            | Keyword::HAVING
            | Keyword::ON
            | Keyword::BY
            | Keyword::WHEN
            | Keyword::THEN
            | Keyword::ELSE => {
                (self.logical, self.others) = (0, 0);
                self.in_from = keyword == Keyword::FROM;
            }
            Keyword::NOT | Keyword::IS | Keyword::COLLATE | Keyword::AT | Keyword::DIV => {
                self.others += 1;
            }
            _ => {}
        }
    }
}
