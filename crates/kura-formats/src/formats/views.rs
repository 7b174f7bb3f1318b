//! Views over a format's table, with the names that AWS gives its own tables.

/// A view, by the name under which statements know it.
#[derive(Debug, Clone, Copy)]
pub struct View {
    pub name: &'static str,
    pub select: Select,
}

/// What a view shows, in the SQL of Kura's engine.
#[derive(Debug, Clone, Copy)]
pub enum Select {
    /// The record's own columns, and these beside them or in the place of one of that name.
    Added(&'static str),
    /// What this statement gives, over the format's table.
    Whole(&'static str),
}

/// What AWS's pages add to most tables: the day as text.
pub(super) const DAY: Select = Select::Added("to_char(\"day\", '%Y/%m/%d') AS \"day\"");

impl View {
    /// The view's statement over `table`, whose records have these columns of their own.
    #[must_use]
    pub fn statement<'a>(&self, table: &str, own: impl IntoIterator<Item = &'a str>) -> String {
        match self.select {
            Select::Added(added) => {
                let own: Vec<String> = own.into_iter().map(|name| format!("\"{name}\"")).collect();
                format!("SELECT {}, {added}\nFROM \"{table}\"", own.join(", "))
            }
            Select::Whole(statement) => statement.to_owned(),
        }
    }
}
