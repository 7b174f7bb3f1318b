//! Where records come from: of each object its source, the folder that somebody would name when
//! asked, and what was read below it.

use std::collections::HashMap;

use kura_core::time::Micros;
use serde::Serialize;

/// Sources told from each other in one table.
pub const SOURCES_MAX: usize = 1_000;
/// The source that stands for all others.
pub const OTHERS: &str = "…";

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// Of AWS's layouts the folders up to that of the service, else the object's folder without
    /// folders of dates and partitions; [`OTHERS`] stands for those beyond [`SOURCES_MAX`].
    pub source: String,
    pub objects: u64,
    pub rows: u64,
    /// Smallest and largest `_time`.
    pub first_time: Micros,
    pub last_time: Micros,
    /// Largest `_ingested`.
    pub last_ingested: Micros,
}

/// What a table has of one object.
#[derive(Debug, Clone, Copy)]
pub struct Object<'a> {
    pub uri: &'a str,
    pub rows: u64,
    pub times: (Micros, Micros),
    pub ingested: Micros,
}

/// Sources under construction.
#[derive(Debug, Default)]
pub struct Sources {
    by_name: HashMap<String, Source>,
    others: Option<Source>,
}

impl Sources {
    /// Adds an object, each once.
    pub fn add(&mut self, object: Object<'_>) {
        let name = source_of(object.uri);
        let is_full = self.by_name.len() >= SOURCES_MAX;
        let source = match self.by_name.get_mut(name) {
            Some(source) => source,
            None if is_full => self.others.get_or_insert_with(|| Source::empty(OTHERS)),
            None => self.by_name.entry(name.to_owned()).or_insert_with(|| Source::empty(name)),
        };
        source.objects += 1;
        source.rows += object.rows;
        source.first_time = source.first_time.min(object.times.0);
        source.last_time = source.last_time.max(object.times.1);
        source.last_ingested = source.last_ingested.max(object.ingested);
    }

    /// Those with most rows first, [`OTHERS`] last.
    #[must_use]
    pub fn finish(self) -> Vec<Source> {
        let mut all: Vec<Source> = self.by_name.into_values().collect();
        all.sort_by(|a, b| (b.rows, &a.source).cmp(&(a.rows, &b.source)));
        all.extend(self.others);
        all
    }
}

impl Source {
    fn empty(name: &str) -> Self {
        Source {
            source: name.to_owned(),
            objects: 0,
            rows: 0,
            first_time: Micros::MAX,
            last_time: Micros::MIN,
            last_ingested: Micros::MIN,
        }
    }
}

/// The source of an object: how its URI begins.
#[must_use]
pub fn source_of(uri: &str) -> &str {
    let path = uri.find("://").map_or(0, |at| at + 3);
    // Behind it stand folders: the bucket, or the root, always stays.
    let Some(root) = uri[path..].find('/').map(|at| path + at + 1) else { return uri };
    let mut folder = &uri[..uri.rfind('/').map_or(root, |at| at + 1)];
    if let Some(end) = end_of_service(&folder[root..]) {
        return &uri[..root + end];
    }
    while folder.len() > root {
        let above = folder[..folder.len() - 1].rfind('/').map_or(root, |at| at + 1);
        if !is_of_time(&folder[above..folder.len() - 1]) {
            break;
        }
        folder = &folder[..above.max(root)];
    }
    folder
}

/// Where in these folders the one of the service ends: `AWSLogs/<account>/<service>/`, with the
/// organisation before the account or without.
fn end_of_service(folders: &str) -> Option<usize> {
    let mut at = 0;
    let mut ends = folders.split_inclusive('/').map(|folder| {
        at += folder.len();
        (folder.trim_end_matches('/'), at)
    });
    ends.find(|(folder, _)| *folder == "AWSLogs")?;
    let is_account = |folder: &str| {
        let number = folder.strip_prefix("aws-account-id=").unwrap_or(folder);
        number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let (next, _) = ends.next()?;
    let account = if next.starts_with("o-") { ends.next()?.0 } else { next };
    is_account(account).then(|| ends.next().map(|(_, end)| end))?
}

/// `2026`, `11`, `20261120`, `2026-11-20`, `day=2026-11-20`.
fn is_of_time(folder: &str) -> bool {
    let digits = folder.bytes().filter(u8::is_ascii_digit).count();
    let others = folder.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    folder.contains('=') || (others && matches!(digits, 2 | 4 | 8 | 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_what_a_person_would_name() {
        for (uri, source) in [
            (
                "s3://b/p/AWSLogs/111122223333/CloudTrail/us-east-1/2026/11/20/x.json.gz",
                "s3://b/p/AWSLogs/111122223333/CloudTrail/",
            ),
            (
                "s3://b/AWSLogs/o-abc123/111122223333/CloudTrail/eu-west-1/x.gz",
                "s3://b/AWSLogs/o-abc123/111122223333/CloudTrail/",
            ),
            (
                "s3://b/AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=x/year=2026/y.gz",
                "s3://b/AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/",
            ),
            ("s3://b/AWSLogs/111122223333/x.gz", "s3://b/AWSLogs/111122223333/"),
            ("s3://b/AWSLogs/x.gz", "s3://b/AWSLogs/"),
            ("s3://b/firehose/2026/11/20/08/x", "s3://b/firehose/"),
            ("s3://b/2026/11/20/x", "s3://b/"),
            ("s3://2026/11/x", "s3://2026/"),
            ("s3://b/aws/S3_DATA/2.0/region=x/eventDay=20261120/y", "s3://b/aws/S3_DATA/2.0/"),
            ("s3://b/logs/2026-11-20/x", "s3://b/logs/"),
            ("s3://b/x", "s3://b/"),
            ("file:///var/log/app/a.log", "file:///var/log/app/"),
            ("file:///a.log", "file:///"),
            ("stdin", "stdin"),
            ("", ""),
        ] {
            assert_eq!(source_of(uri), source, "{uri}");
        }
    }

    #[test]
    fn beyond_so_many_sources_all_others_are_one() {
        let mut sources = Sources::default();
        for at in 0..1_200 {
            let uri = format!("s3://b/f{at}x/o");
            sources.add(Object { uri: &uri, rows: 2, times: (at, at + 1), ingested: at });
        }
        let all = sources.finish();
        assert_eq!(all.len(), SOURCES_MAX + 1);
        let others = all.last().expect("a source");
        assert_eq!((others.source.as_str(), others.objects, others.rows), (OTHERS, 200, 400));
        assert_eq!((others.first_time, others.last_time), (1_000, 1_200));
    }
}
