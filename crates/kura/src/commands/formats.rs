//! `kura formats`

use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use arrow::array::{ArrayRef, RecordBatch, StringArray};
use kura_core::inflate::InflateLimits;
use kura_formats::Catalogue;
use kura_formats::formats::Description;
use kura_formats::recognise::{By, HEAD_BYTES, Recognised};
use kura_ingest::content::Content;

use crate::cli::{FormatsArgs, FormatsCommand, Global};
use crate::commands::check;
use crate::exit::{Exit, UsageError};
use crate::output;

pub fn run(global: &Global, args: &FormatsArgs) -> anyhow::Result<Exit> {
    if let Some(FormatsCommand::Check(args)) = &args.command {
        return check::run(global, args);
    }
    let catalogue = global.catalogue()?;
    match &args.explain {
        Some(file) => tell(&catalogue, file),
        None => {
            output::write_batch(&list(&catalogue)?, args.output.output)?;
            Ok(Exit::Ok)
        }
    }
}

fn list(catalogue: &Catalogue) -> anyhow::Result<RecordBatch> {
    let column = |of: fn(&Description) -> String| -> ArrayRef {
        let texts = catalogue.formats().map(|format| of(format.description()));
        Arc::new(StringArray::from_iter_values(texts))
    };
    Ok(RecordBatch::try_from_iter([
        ("format", column(|said| said.name.to_string())),
        ("title", column(|said| said.title.to_owned())),
        ("views", column(|said| said.views.iter().map(|v| v.name).collect::<Vec<_>>().join(" "))),
        ("source", column(|said| said.source.to_owned())),
    ])?)
}

/// What a file is taken for, and what told; fails if it holds nothing to import.
fn tell(catalogue: &Catalogue, path: &Path) -> anyhow::Result<Exit> {
    let absent = || UsageError(format!("`{}`: no such file", path.display()));
    let metadata = path.metadata().ok().filter(|m| m.is_file()).ok_or_else(absent)?;
    let opening = || format!("opening `{}`", path.display());
    let limits = InflateLimits::default();
    let mut content = Content::open(path, metadata.len(), limits, |_| {}).with_context(opening)?;
    let mut head = vec![0; HEAD_BYTES];
    let mut length = 0;
    // Bytes that break off tell what they can.
    while length < head.len()
        && let Ok(read @ 1..) = content.read(&mut head[length..])
    {
        length += read;
    }
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let (recognised, by) = catalogue.explain(&absolute.to_string_lossy(), &head[..length]);
    let by = match by {
        By::Key => "by its name and folder",
        By::Content => "by what it holds",
    };
    match recognised {
        Recognised::Records { format, facts } => {
            let said = format.description();
            let mut line = format!("{}: {}, {by}", said.name, said.title);
            for (what, value) in [("account", facts.account), ("Region", facts.region)] {
                if let Some(value) = value {
                    line.push_str(&format!("; {what} {value}"));
                }
            }
            output::write_line(&line)?;
            Ok(Exit::Ok)
        }
        Recognised::Envelopes(envelope) => {
            let line = format!("envelopes of {} around records of any kind, {by}", envelope.name());
            output::write_line(&line)?;
            Ok(Exit::Ok)
        }
        Recognised::Nothing(what) => {
            output::write_line(&format!("nothing to import: {what}, {by}"))?;
            Ok(Exit::Failed)
        }
    }
}
