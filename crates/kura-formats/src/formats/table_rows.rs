//! Rows of one table under construction, for decoders that leave needles to the columns' roles:
//! the record's own columns, its leftovers, and Kura's columns.

use std::sync::Arc;

use arrow::datatypes::SchemaRef;
use arrow::error::ArrowError;
use kura_core::origin::{Envelope, ObjectFacts, Origin};
use kura_core::table::Rows;
use kura_core::time::Micros;

use crate::cells::{Cell, Parts};
use crate::columns::{Column, ColumnType, Columns, Role};
use crate::extra::{Extra, Path};
use crate::rows::{KuraCells, Needles};

#[derive(Debug)]
pub struct TableRows {
    table: Arc<str>,
    schema: SchemaRef,
    pub fields: Fields,
    kura: KuraCells,
    content: Vec<u64>,
    resource: String,
    id: String,
}

/// The record's own columns, and what they are good for.
#[derive(Debug)]
pub struct Fields {
    /// Of each role, by its number.
    roles: Vec<Vec<RolePath>>,
    pub parts: Parts,
    /// Of the row at hand.
    pub extra: Extra,
}

/// The way to a column with a role, or to such a part of one.
#[derive(Debug)]
struct RolePath {
    /// Places in the columns and in the parts below them.
    path: Vec<usize>,
    /// The key at the top of the record.
    key: String,
}

impl TableRows {
    pub fn new(table: &str, schema: SchemaRef, columns: impl Into<Columns>) -> Self {
        let columns = columns.into();
        let mut roles = Vec::new();
        find_roles(&columns, &mut Vec::new(), None, &mut roles);
        TableRows {
            table: table.into(),
            schema,
            fields: Fields { roles, parts: Parts::new(columns), extra: Extra::default() },
            kura: KuraCells::default(),
            content: Vec::new(),
            resource: String::new(),
            id: String::new(),
        }
    }

    /// Rows held: the number of the next one.
    pub fn rows(&self) -> usize {
        self.kura.rows()
    }

    pub fn bytes(&self) -> usize {
        self.fields.parts.bytes() + self.kura.bytes() + 8 * self.content.len()
    }

    /// The row at hand is whole; `content` is the hash of its record.
    pub fn close(
        &mut self,
        time: Option<Micros>,
        origin: Origin<'_>,
        facts: &ObjectFacts,
        content: u64,
    ) {
        let row = self.kura.rows();
        self.fields.add_envelope(row, &facts.envelope);
        self.fields.join(Role::Resource, row, " ", &mut self.resource);
        // What tells one record from the others may take two columns.
        self.fields.join(Role::Id, row, "/", &mut self.id);
        let of = |role| self.fields.text(role, row);
        let needles = Needles {
            time,
            account: of(Role::Account),
            region: of(Role::Region),
            principal: of(Role::Principal),
            accesskey: of(Role::AccessKey),
            addr: of(Role::Address),
            resource: Some(&self.resource),
            id: Some(&self.id[..]).filter(|id| !id.is_empty()),
        };
        let extra = self.fields.extra.to_json();
        self.kura.append(&needles, origin, facts, extra.as_deref());
        self.content.push(content);
    }

    pub fn finish(&mut self) -> Result<Rows, ArrowError> {
        let native = self.fields.parts.finish(self.kura.rows())?;
        let batch = self.kura.finish(self.schema.clone(), native)?;
        let content = std::mem::take(&mut self.content);
        Ok(Rows { table: self.table.clone(), batch, content })
    }
}

impl Fields {
    /// What only the envelopes around the record say.
    fn add_envelope(&mut self, row: usize, envelope: &Envelope) {
        let said = [(Role::Source, &envelope.source), (Role::Stream, &envelope.stream)];
        for (role, value) in said {
            let Some(value) = value else { continue };
            if let Some(&[at]) = self.of_role(role).first().map(|place| &place.path[..]) {
                self.parts.put_plain(row, at, value);
            }
        }
        for (key, value) in &envelope.beside {
            self.extra.add(&Path::new(key), value);
        }
    }

    /// The ways to what has this role, in the order of the columns.
    fn of_role(&self, role: Role) -> &[RolePath] {
        self.roles.get(role as usize).map_or(&[], |places| &places[..])
    }

    /// Cells of this role, in the order of the columns.
    pub fn cells(&self, role: Role) -> impl DoubleEndedIterator<Item = &Cell> {
        self.of_role(role).iter().filter_map(|place| self.parts.cell_on(&place.path))
    }

    /// What is left over under the keys of this role.
    pub fn left_over(&self, role: Role) -> impl Iterator<Item = &str> {
        self.of_role(role).iter().filter_map(|place| self.extra.get(&place.key))
    }

    /// Hands on the texts of this role, in the order of the columns, each item of a list.
    fn texts<'a>(&'a self, role: Role, row: usize, take: &mut impl FnMut(&'a str)) {
        for place in self.of_role(role) {
            self.parts.texts_on(row, &place.path, take);
        }
    }

    /// The first text of this role that is not empty.
    fn text(&self, role: Role, row: usize) -> Option<&str> {
        let mut first = None;
        self.texts(role, row, &mut |text| {
            first = first.or(Some(text).filter(|text| !text.is_empty()));
        });
        first
    }

    /// The texts of this role, one behind the other.
    fn join(&self, role: Role, row: usize, between: &str, out: &mut String) {
        out.clear();
        self.texts(role, row, &mut |text| {
            out.push_str(if out.is_empty() || text.is_empty() { "" } else { between });
            out.push_str(text);
        });
    }
}

/// Every column that has a role, and part of a struct or of a list's items, in order.
fn find_roles(
    columns: &[Column],
    path: &mut Vec<usize>,
    top: Option<&str>,
    roles: &mut Vec<Vec<RolePath>>,
) {
    for (at, column) in columns.iter().enumerate() {
        path.push(at);
        let key = top.unwrap_or(&column.key);
        if !matches!(column.role, Role::None | Role::Facet) {
            let number = column.role as usize;
            roles.resize_with(roles.len().max(number + 1), Vec::new);
            roles[number].push(RolePath { path: path.clone(), key: key.to_owned() });
        }
        if let ColumnType::Struct(parts) | ColumnType::List(parts) = column.ty {
            find_roles(parts, path, Some(key), roles);
        }
        path.pop();
    }
}
