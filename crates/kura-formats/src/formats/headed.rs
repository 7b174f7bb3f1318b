//! Formats of lines whose fields come in the order that a header names: nothing but data.
//! A header holds for its object, until the next one; without one some formats have an order
//! of their own. The same records may come as JSON, by the names of their fields.

use super::delimited::{DelimitedDecoder, Layout, Lines, Place, not_an_event};
use super::named_records::{column_named, is_named_record};
use super::{Decoder, Description, Format, Head, HeadSays, KeySays};
use crate::columns::Column;
use crate::framing::Framing;
use crate::reject::Reject;

/// A format of lines whose header names the fields, which are columns by their names.
#[derive(Debug)]
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
        let is_known = (self.head)(head) || is_named_record(head, self.layout.columns, self.named);
        is_known.then_some(HeadSays::Records)
    }

    fn framing(&self) -> Framing {
        Framing::JsonOr(Box::new(Framing::Lines))
    }

    fn decoder(&self) -> Box<dyn Decoder> {
        let orders = (self.unheaded.orders)();
        let places = |order: Vec<usize>| order.into_iter().map(Place::Column).collect();
        let lines = HeadedLines {
            columns: self.layout.columns,
            form: self.header,
            orders: orders.into_iter().map(places).collect(),
            order_of: self.unheaded.order_of,
            header: None,
        };
        Box::new(DelimitedDecoder::new(self.layout, lines))
    }
}

#[derive(Debug)]
struct HeadedLines {
    columns: &'static [Column],
    form: HeaderForm,
    orders: Vec<Vec<Place>>,
    order_of: fn(&[&str]) -> Result<usize, Reject>,
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
            None => {
                let order = (self.order_of)(fields)?;
                Ok(self.orders.get(order).map(|places| &places[..]))
            }
        }
    }
}

impl HeadedLines {
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
