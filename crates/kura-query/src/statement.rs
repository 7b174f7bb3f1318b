//! SQL text to one statement that only reads.

use datafusion::common::DataFusionError;
use datafusion::sql::parser::{DFParserBuilder, Statement};
use datafusion::sql::sqlparser::ast::{Expr, SetExpr, Statement as SqlStatement};
use datafusion::sql::sqlparser::dialect::{Dialect, GenericDialect, Precedence};
use datafusion::sql::sqlparser::keywords::Keyword;
use datafusion::sql::sqlparser::parser::{Parser, ParserError};
use datafusion::sql::sqlparser::tokenizer::{Token, Tokenizer};

use crate::error::{QueryError, Result};
use crate::planning::check_shape;

/// Nobody writes more; a longer one is a program gone wrong.
pub const STATEMENT_BYTES_MAX: usize = 1 << 20;
/// How deep expressions and queries may nest.
const DEPTH_MAX: usize = 100;

/// Reads the one statement of `text`, which must not change anything.
pub fn parse(text: &str) -> Result<Statement> {
    parse_as(text, &KuraDialect { arrows: Arrows::LookUp })
}

/// Reads the statement of one of Kura's own views.
pub fn parse_view(text: &str) -> Result<Statement> {
    parse_as(text, &KuraDialect { arrows: Arrows::Lambda })
}

fn parse_as(text: &str, dialect: &KuraDialect) -> Result<Statement> {
    if text.len() > STATEMENT_BYTES_MAX {
        return Err(QueryError::statement(format!(
            "the statement is longer than {STATEMENT_BYTES_MAX} bytes"
        )));
    }
    let tokens = Tokenizer::new(dialect, text).tokenize();
    let tokens = tokens.map_err(|error| QueryError::statement(error.to_string()))?;
    check_shape(tokens)?;
    let mut statements = DFParserBuilder::new(text)
        .with_dialect(dialect)
        .with_recursion_limit(DEPTH_MAX)
        .build()
        .and_then(|mut parser| parser.parse_statements())
        .map_err(from_parser)?;
    let statement = statements.pop_front();
    match statement {
        None => Err(QueryError::statement("there is no statement")),
        Some(_) if !statements.is_empty() => Err(QueryError::with_hint(
            "more than one statement",
            Some("run them one at a time".to_owned()),
        )),
        Some(statement) => only_reads(&statement).map(|()| statement),
    }
}

fn from_parser(error: DataFusionError) -> QueryError {
    if error.to_string().contains("RecursionLimitExceeded") {
        return QueryError::statement(format!("the statement nests deeper than {DEPTH_MAX}"));
    }
    error.into()
}

fn only_reads(statement: &Statement) -> Result<()> {
    let refused = |what: &str| {
        Err(QueryError::NotAllowed(format!(
            "`{what}` is not allowed: statements only read (SELECT, WITH, EXPLAIN, SHOW, DESCRIBE)"
        )))
    };
    let statement = match statement {
        Statement::Explain(explain) => return only_reads(&explain.statement),
        Statement::CreateExternalTable(_) => return refused("CREATE EXTERNAL TABLE"),
        Statement::CopyTo(_) => return refused("COPY"),
        Statement::Reset(_) => return refused("RESET"),
        Statement::Statement(statement) => statement,
    };
    match statement.as_ref() {
        SqlStatement::Query(query) => match query.body.as_ref() {
            SetExpr::Insert(_) => refused("INSERT"),
            SetExpr::Update(_) => refused("UPDATE"),
            SetExpr::Delete(_) => refused("DELETE"),
            SetExpr::Merge(_) => refused("MERGE"),
            SetExpr::Select(select) if select.into.is_some() => refused("SELECT INTO"),
            _ => Ok(()),
        },
        SqlStatement::Explain { statement, .. } => {
            only_reads(&Statement::Statement(statement.clone()))
        }
        SqlStatement::ExplainTable { .. }
        | SqlStatement::ShowTables { .. }
        | SqlStatement::ShowColumns { .. }
        | SqlStatement::ShowVariable { .. }
        | SqlStatement::ShowFunctions { .. } => Ok(()),
        other => refused(&first_words(&other.to_string())),
    }
}

/// The words in capitals that a statement begins with: what it is.
fn first_words(statement: &str) -> String {
    let is_keyword = |word: &&str| word.bytes().all(|byte| byte.is_ascii_uppercase());
    statement.split_whitespace().take_while(is_keyword).take(2).collect::<Vec<_>>().join(" ")
}

/// DataFusion's usual dialect, but `->` and `->>` bind tighter than comparisons, as they
/// do in Postgres: `parameters ->> 'name' = 'x'` needs no parentheses.
#[derive(Debug)]
struct KuraDialect {
    arrows: Arrows,
}

/// What `name -> …` means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Arrows {
    /// The JSON in the column `name` at that key.
    LookUp,
    /// A function of `name`, for `array_transform` and its like.
    Lambda,
}

macro_rules! as_generic {
    ($($name:ident),* $(,)?) => {
        $(fn $name(&self) -> bool {
            GenericDialect.$name()
        })*
    };
}

impl Dialect for KuraDialect {
    /// The parser asks here which dialect it has before it.
    fn dialect(&self) -> std::any::TypeId {
        std::any::TypeId::of::<GenericDialect>()
    }

    fn is_identifier_start(&self, char: char) -> bool {
        GenericDialect.is_identifier_start(char)
    }

    fn is_identifier_part(&self, char: char) -> bool {
        GenericDialect.is_identifier_part(char)
    }

    /// The parser, having failed behind one of these, would try it as a name, and behind
    /// that the rest once more: twice as long for each one within another.
    fn is_reserved_for_identifier(&self, keyword: Keyword) -> bool {
        matches!(
            keyword,
            Keyword::ARRAY
                | Keyword::CASE
                | Keyword::CAST
                | Keyword::CEIL
                | Keyword::CONVERT
                | Keyword::EXISTS
                | Keyword::EXTRACT
                | Keyword::FLOOR
                | Keyword::INTERVAL
                | Keyword::NOT
                | Keyword::OVERLAY
                | Keyword::SAFE_CAST
                | Keyword::STRUCT
                | Keyword::SUBSTR
                | Keyword::SUBSTRING
                | Keyword::TRIM
                | Keyword::TRY_CAST
        )
    }

    /// `user` is a name, as in `actor.user.uid`; Postgres has it for who asks.
    fn parse_prefix(
        &self,
        parser: &mut Parser<'_>,
    ) -> Option<std::result::Result<Expr, ParserError>> {
        let next = parser.peek_token_ref();
        let span = next.span;
        match &next.token {
            Token::Word(word) if word.keyword == Keyword::USER => {
                let name = word.to_ident(span);
                parser.advance_token();
                Some(Ok(Expr::Identifier(name)))
            }
            _ => None,
        }
    }

    fn supports_lambda_functions(&self) -> bool {
        self.arrows == Arrows::Lambda
    }

    fn prec_value(&self, precedence: Precedence) -> u8 {
        match precedence {
            Precedence::PgOther => 29,
            other => GenericDialect.prec_value(other),
        }
    }

    as_generic!(
        supports_unicode_string_literal,
        supports_partition_by_after_order_by,
        supports_array_join_syntax,
        supports_group_by_expr,
        supports_group_by_with_modifier,
        supports_left_associative_joins_without_parens,
        supports_window_function_null_treatment_arg,
        supports_dictionary_syntax,
        supports_window_clause_named_window_reference,
        supports_select_wildcard_except,
        supports_select_wildcard_exclude,
        supports_select_wildcard_replace,
        supports_select_wildcard_ilike,
        supports_select_wildcard_rename,
        allow_extract_custom,
        allow_extract_single_quotes,
        supports_extract_comma_syntax,
        supports_parens_around_table_factor,
        supports_values_as_table_factor,
        supports_limit_comma,
        supports_from_first_select,
        supports_projection_trailing_commas,
        supports_try_convert,
        supports_bitwise_shift_operators,
        supports_named_fn_args_with_assignment_operator,
        supports_struct_literal,
        supports_nested_comments,
        supports_string_escape_constant,
        supports_array_typedef_with_brackets,
        supports_filter_during_aggregation,
        supports_interval_options,
        supports_comma_separated_trim,
        supports_cte_without_as,
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn what_reads_is_let_through() {
        for text in [
            "SELECT 1",
            "select 1;",
            "WITH a AS (SELECT 1) SELECT * FROM a",
            "EXPLAIN SELECT 1",
            "EXPLAIN ANALYZE SELECT 1",
            "SHOW TABLES",
            "SHOW COLUMNS FROM t",
            "DESCRIBE t",
            "VALUES (1)",
            "SELECT count(*) FILTER (WHERE a -> 'x' ->> 'y' = 'z') FROM t",
            "SELECT a.user.uid, user.name, user FROM t WHERE a.user.type = 'x'",
        ] {
            assert!(parse(text).is_ok(), "{text}: {:?}", parse(text).err());
        }
    }

    #[test]
    fn what_changes_is_refused_by_name() {
        for (text, what) in [
            ("DROP TABLE t", "`DROP TABLE`"),
            ("CREATE TABLE t AS SELECT 1", "`CREATE TABLE`"),
            ("CREATE EXTERNAL TABLE t STORED AS CSV LOCATION '/etc/passwd'", "CREATE EXTERNAL"),
            ("CREATE VIEW v AS SELECT 1", "`CREATE VIEW`"),
            ("INSERT INTO t VALUES (1)", "`INSERT INTO`"),
            ("UPDATE t SET a = 1", "`UPDATE`"),
            ("DELETE FROM t", "`DELETE FROM`"),
            ("COPY t TO 'file.csv'", "`COPY`"),
            ("EXPLAIN ANALYZE COPY t TO 'file.csv'", "`COPY`"),
            ("EXPLAIN INSERT INTO t VALUES (1)", "`INSERT INTO`"),
            ("SET x = 1", "`SET`"),
            ("BEGIN", "`BEGIN`"),
            ("TRUNCATE TABLE t", "`TRUNCATE TABLE`"),
        ] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::NotAllowed, "{text}: {error}");
            assert!(error.to_string().contains(what), "{text}: {error}");
        }
    }

    #[test]
    fn nonsense_is_the_writers_fault() {
        let deep = format!("SELECT {}1{}", "(".repeat(10_000), ")".repeat(10_000));
        for text in ["", ";", "SELEC 1", "SELECT 1; SELECT 2", "SELECT 'open", &deep] {
            let error = parse(text).expect_err(text);
            assert_eq!(error.kind(), ErrorKind::Statement, "{error}");
        }
        // The parser tries some of these anew at every level; it must not get far.
        for piece in [
            "CASE WHEN true THEN ",
            "CAST(",
            "NOT (",
            "INTERVAL ",
            "INTERVAL -",
            "SUBSTRING(",
            "POSITION(",
            "ARRAY[",
            "f(",
        ] {
            let text = format!("SELECT {}", piece.repeat(90));
            let error = parse(&text).expect_err(piece);
            assert_eq!(error.kind(), ErrorKind::Statement, "{error}");
        }
        assert!(parse(&deep).expect_err("too deep").to_string().contains("nests deeper"));
    }
}
