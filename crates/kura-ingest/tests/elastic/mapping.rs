//! Which of Elastic's fields are which columns of ours: the lists beside this file.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::rc::Rc;

use serde_json::Value;

use super::steps::Steps;

/// What a field is with us.
pub enum Counterpart {
    /// A column, or a part of one.
    Column {
        path: ColumnPath,
        steps: Steps,
        may_differ: bool,
    },
    /// Other columns say it in another way.
    SaidOtherwise,
    Nothing,
}

struct Rule {
    field: String,
    column: String,
    steps: Steps,
    may_differ: bool,
}

pub struct Mapping {
    /// The source's, the table's, then those of all tables.
    lists: Vec<Vec<Rule>>,
}

/// The mappings of all tables, for the logs of one source.
pub struct Lists {
    source: String,
    read: RefCell<BTreeMap<String, Option<Rc<Mapping>>>>,
}

impl Lists {
    pub fn of_source(source: &str) -> Self {
        Lists { source: source.to_owned(), read: RefCell::default() }
    }

    /// One mapping, as a text says it.
    pub fn with(table: &str, rules: &[&str]) -> Self {
        let mapping = Some(Rc::new(Mapping::parse(rules)));
        let read = BTreeMap::from([(table.to_owned(), mapping)]);
        Lists { source: String::new(), read: RefCell::new(read) }
    }

    /// `None` for a table that has no list.
    pub fn of(&self, table: &str) -> Option<Rc<Mapping>> {
        let mut read = self.read.borrow_mut();
        let mapping = read.entry(table.to_owned());
        mapping.or_insert_with(|| Mapping::read(&self.source, table).map(Rc::new)).clone()
    }
}

/// The text of one of the lists.
pub fn text_of(name: &str) -> Option<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/elastic");
    fs::read_to_string(folder.join(format!("{name}.tsv"))).ok()
}

/// Lines that say something, taken apart.
pub fn lines(text: &str) -> impl Iterator<Item = Vec<&str>> {
    let said = text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    said.map(|line| line.split('\t').collect())
}

impl Mapping {
    fn read(source: &str, table: &str) -> Option<Self> {
        let own = text_of(table)?;
        let source = text_of(&format!("of_{source}")).unwrap_or_default();
        Some(Mapping::parse(&[&source, &own, &text_of("every_table").expect("a list")]))
    }

    /// A field is looked for in the first list, then in the next.
    pub fn parse(lists: &[&str]) -> Self {
        let rules = |list: &&str| lines(list).map(|parts| rule(&parts)).collect();
        Mapping { lists: lists.iter().map(rules).collect() }
    }

    /// All that is said of a field: of the most that is known of its path.
    pub fn of(&self, field: &str) -> Vec<Counterpart> {
        let best =
            |rules: &[Rule]| rules.iter().filter_map(|rule| Some(rule.below(field)?.len())).min();
        let hit = self.lists.iter().find_map(|rules| Some((rules, best(rules)?)));
        let Some((rules, length)) = hit else { return Vec::new() };
        let of_field = rules.iter().filter_map(|rule| Some((rule, rule.below(field)?)));
        let of_field = of_field.filter(|(_, below)| below.len() == length);
        of_field.map(|(rule, below)| rule.counterpart(below)).collect()
    }
}

fn rule(parts: &[&str]) -> Rule {
    let (field, column, how, reason) = match *parts {
        [field, column] => (field, column, "", ""),
        [field, column, how] => (field, column, how, ""),
        [field, column, how, reason] => (field, column, how, reason),
        _ => panic!("two to four parts: {parts:?}"),
    };
    let is_column = !["-", "~"].contains(&column);
    assert!(is_column || !how.is_empty(), "`{field}`: no reason");
    let steps = Steps::parse(if is_column { how } else { "" });
    let may_differ = !reason.is_empty();
    Rule { field: field.to_owned(), column: column.to_owned(), steps, may_differ }
}

impl Rule {
    /// What of the field's path the rule leaves open, if it is about it.
    fn below<'a>(&self, field: &'a str) -> Option<&'a str> {
        match self.field.strip_suffix('*') {
            Some(beginning) => field.strip_prefix(beginning),
            None => (self.field == field).then_some(""),
        }
    }

    fn counterpart(&self, below: &str) -> Counterpart {
        match self.column.as_str() {
            "-" => Counterpart::Nothing,
            "~" => Counterpart::SaidOtherwise,
            column => Counterpart::Column {
                path: ColumnPath(column.replace('*', below)),
                steps: self.steps.clone(),
                may_differ: self.may_differ,
            },
        }
    }
}

/// Alternatives, with parts of structs, lists and JSON.
pub struct ColumnPath(String);

impl ColumnPath {
    pub fn value_in(&self, row: &Value) -> Option<Value> {
        self.0.split('|').find_map(|path| part_of(row, path))
    }
}

impl fmt::Display for ColumnPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A key may have dots in it.
fn part_of(value: &Value, path: &str) -> Option<Value> {
    let below = |value: &Value| match path.split_once('.') {
        Some((first, rest)) => part_of(value.get(first)?, rest),
        None => None,
    };
    let found = match value {
        Value::Object(parts) => parts.get(path).cloned().or_else(|| below(value)),
        Value::Array(items) => {
            let (first, rest) = path.split_once('.').unwrap_or((path, ""));
            let item = items.get(first.parse::<usize>().ok()?)?;
            if rest.is_empty() { Some(item.clone()) } else { part_of(item, rest) }
        }
        // A column of JSON is text.
        Value::String(text) => part_of(&serde_json::from_str(text).ok()?, path),
        _ => None,
    };
    found.filter(|value| !value.is_null())
}
