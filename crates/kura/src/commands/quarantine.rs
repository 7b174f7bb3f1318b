//! `kura quarantine`: what could not become a row, by reason, or samples of it.

use kura_formats::quarantine::NAME;

use crate::cli::{Global, QuarantineArgs};
use crate::commands::sql::{Run, run_statement};
use crate::context::{open_engine, open_lake};
use crate::exit::Exit;

const BY_REASON: &str = "SELECT format, reason, count(*) AS records, count(DISTINCT split_part(_origin, '#', 1)) AS objects, \
     min(_ingested) AS first, max(_ingested) AS last, min(detail) AS detail, min(_origin) AS sample \
     FROM quarantine GROUP BY format, reason ORDER BY records DESC, format, reason";

pub async fn run(global: &Global, args: QuarantineArgs) -> anyhow::Result<Exit> {
    if !open_lake(global).await?.tables().await?.iter().any(|name| name == NAME) {
        eprintln!("nothing was ever quarantined");
        return Ok(Exit::Ok);
    }
    let engine = open_engine(global).await?;
    let run = Run { output: args.output.output, timeout: None, quiet: true };
    run_statement(&engine, &statement(&args), &run).await
}

fn statement(args: &QuarantineArgs) -> String {
    let literal = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let mut wanted = Vec::new();
    wanted.extend(args.reason.as_deref().map(|reason| format!("reason = {}", literal(reason))));
    wanted.extend(args.format.as_deref().map(|format| format!("format = {}", literal(format))));
    if wanted.is_empty() {
        return BY_REASON.to_owned();
    }
    // Bytes that are no text are shown in hex.
    format!(
        "SELECT format, reason, detail, _origin, size, \
         coalesce(try_cast(bytes AS VARCHAR), encode(bytes, 'hex')) AS bytes \
         FROM quarantine WHERE {} ORDER BY _ingested DESC, _origin LIMIT {}",
        wanted.join(" AND "),
        args.limit
    )
}
