//! Formats of lines whose fields come in the order that a header names: nothing but data.
//! A header holds for its object, until the next one; without one some formats have an order
//! of their own. The same records may come as JSON, by the names of their fields.

use std::sync::Arc;

use super::delimited::{DelimitedDecoder, Layout, Lines, Place, Splitting, not_an_event};
use super::field_list::{FieldList, FieldSection};
use super::named_records::{column_named, is_named_record};
use super::{Decoder, Description, Format, Head, HeadSays, KeyFacts, KeySays};
use crate::columns::Column;
use crate::framing::Framing;
use crate::reject::Reject;

/// A format of lines whose header names the fields, which are columns by their names.
#[derive(Debug, Clone)]
pub struct HeadedFormat {
    pub description: Description,
    pub layout: Layout,
    pub header: HeaderForm,
    pub unheaded: Unheaded,
    /// Fields that a JSON record must have to be known as one of this format.
    pub named: &'static [&'static str],
    /// What an object's key says.
    pub key: fn(&str) -> Option<KeySays>,
    /// Whether an object that begins like this holds such lines.
    pub head: fn(&Head<'_>) -> bool,
}

/// What a header looks like.
#[derive(Debug, Clone, Copy)]
pub enum HeaderForm {
    /// `#Fields: date time`, among other lines that begin with `#`.
    W3c,
    /// A line of names, most of them known.
    Names,
}

/// What is known of a line that no header came before.
#[derive(Debug, Clone, Copy)]
pub struct Unheaded {
    /// Orders of columns in which such lines come.
    pub orders: fn() -> Vec<Vec<usize>>,
    /// Which of them a line has, if it is a record.
    pub order_of: fn(&[&str]) -> Result<usize, Reject>,
}

impl Format for HeadedFormat {
    fn description(&self) -> &Description {
        &self.description
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        (self.key)(path)
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        let is_known = match head.is_object() {
            true => is_named_record(head, self.layout.columns, self.named),
            false => (self.head)(head) || is_named_record(head, self.layout.columns, self.named),
        };
        is_known.then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        Framing::JsonOr(Box::new(Framing::Lines))
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        Box::new(DelimitedDecoder::new(self.layout, self.lines(Arc::default())))
    }

    fn with_fields(&self, sections: &[FieldSection]) -> Result<Option<Arc<dyn Format>>, String> {
        let columns = self.layout.columns;
        let lists = sections.iter().map(|section| section.build(columns));
        let lists: Arc<[FieldList]> = lists.collect::<Result<_, _>>()?;
        let mut layout = self.layout;
        for delimiter in lists.iter().filter_map(|list| list.delimiter) {
            layout.splitting = match layout.splitting {
                Splitting::Tabs | Splitting::TabsOr(b'\t') => Splitting::TabsOr(delimiter),
                Splitting::TabsOr(other) if other == delimiter => layout.splitting,
                Splitting::TabsOr(_) => return Err("lists of one log with two delimiters".into()),
                _ => return Err("its fields stand between blanks: no `delimiter`".into()),
            };
        }
        Ok(Some(Arc::new(Listed { format: HeadedFormat { layout, ..self.clone() }, lists })))
    }
}

impl HeadedFormat {
    fn lines(&self, lists: Arc<[FieldList]>) -> HeadedLines {
        let orders = (self.unheaded.orders)();
        let places = |order: Vec<usize>| order.into_iter().map(Place::Column).collect();
        HeadedLines {
            columns: self.layout.columns,
            form: self.header,
            orders: orders.into_iter().map(places).collect(),
            order_of: self.unheaded.order_of,
            lists,
            header: None,
        }
    }
}

/// A format with lists of fields that its lines may have.
#[derive(Debug)]
struct Listed {
    format: HeadedFormat,
    lists: Arc<[FieldList]>,
}

impl Format for Listed {
    fn description(&self) -> &Description {
        self.format.description()
    }

    fn recognise_key(&self, path: &str) -> Option<KeySays> {
        let by_list = || self.lists.iter().any(|list| list.has_key(path));
        let says = self.format.recognise_key(path);
        says.or_else(|| by_list().then(|| KeySays::Records(KeyFacts::default())))
    }

    fn recognise_head(&self, head: &Head<'_>) -> Option<HeadSays> {
        let fields = head.fields(self.format.layout.splitting);
        let by_list = || self.lists.iter().any(|list| list.tells(&fields));
        let says = self.format.recognise_head(head);
        says.or_else(|| by_list().then_some(HeadSays::Records))
    }

    fn framing(&self) -> Framing {
        self.format.framing()
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let lines = self.format.lines(self.lists.clone());
        Box::new(DelimitedDecoder::new(self.format.layout, lines))
    }
}

#[derive(Debug)]
struct HeadedLines {
    columns: &'static [Column],
    form: HeaderForm,
    orders: Vec<Vec<Place>>,
    order_of: fn(&[&str]) -> Result<usize, Reject>,
    /// Orders that somebody chose: they come first.
    lists: Arc<[FieldList]>,
    /// What the object's last header said.
    header: Option<Vec<Place>>,
}

impl Lines for HeadedLines {
    fn begin(&mut self) {
        self.header = None;
    }

    fn places(&mut self, line: &str, fields: &[&str]) -> Result<Option<&[Place]>, Reject> {
        match self.form {
            HeaderForm::W3c if line.starts_with('#') => {
                if let Some(names) = line.strip_prefix(FIELDS) {
                    self.header = Some(self.places_of(names.split_ascii_whitespace()));
                }
                return Ok(None);
            }
            HeaderForm::Names if is_header(self.columns, fields) => {
                self.header = Some(self.places_of(fields.iter().copied()));
                return Ok(None);
            }
            _ => {}
        }
        match &self.header {
            Some(places) if fields.len() < places.len() => {
                not_an_event(format!("{} fields where {} belong", fields.len(), places.len()))
            }
            Some(places) => Ok(Some(places)),
            None => self.places_unheaded(fields).map(Some),
        }
    }
}

impl HeadedLines {
    /// As a list says that it fits; else as such lines come; else as the one list of so many
    /// fields says, whatever is odd about them.
    fn places_unheaded(&self, fields: &[&str]) -> Result<&[Place], Reject> {
        if let Some(list) = self.lists.iter().find(|list| list.takes(fields)) {
            return Ok(&list.places);
        }
        let by_count = || self.lists.iter().find(|list| list.has_count_of(fields));
        match (self.order_of)(fields) {
            Ok(order) => Ok(self.orders.get(order).map_or(&[], |places| &places[..])),
            Err(reject) => by_count().map(|list| &list.places[..]).ok_or(reject),
        }
    }

    fn places_of<'a>(&self, names: impl Iterator<Item = &'a str>) -> Vec<Place> {
        let place = |name: &str| {
            let at = column_named(self.columns, name);
            at.map_or_else(|| Place::Other(name.to_owned()), Place::Column)
        };
        names.map(place).collect()
    }
}

const FIELDS: &str = "#Fields:";

/// The fields that the header of a W3C log names.
pub fn w3c_fields<'a>(head: &Head<'a>) -> impl Iterator<Item = &'a str> {
    let is_comment = |line: &&str| line.starts_with('#') || line.trim().is_empty();
    let comments = head.text.trim_start_matches('\u{feff}').lines().take_while(is_comment);
    comments.filter_map(|line| line.strip_prefix(FIELDS)).flat_map(str::split_ascii_whitespace)
}

/// A line of names: most of them known, and none that only a value could be.
pub fn is_header(columns: &[Column], fields: &[&str]) -> bool {
    let is_name = |field: &&str| {
        field.starts_with(|first: char| first.is_ascii_lowercase())
            && field
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
    };
    if fields.is_empty() || !fields.iter().all(is_name) {
        return false;
    }
    let known = fields.iter().filter(|name| column_named(columns, name).is_some()).count();
    2 * known >= fields.len()
}
