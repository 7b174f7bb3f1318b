//! Few real CloudTrail records made into many: each copy has ids of its own, another day, and
//! one of several accounts; everything else stays as AWS wrote it.
//!
//! Works on the text of the records, which keeps their odd parts (order of keys, escapes,
//! numbers) as they are.

use std::fs::{self, File};
use std::io::{BufWriter, Read, Write};
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, Result, bail};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use crate::repo;

const RECORDS_KEY: &[u8] = b"\"Records\"";
const ACCOUNTS: usize = 5;
const DAYS: usize = 7;
/// AWS delivers an account's and Region's records about every five minutes.
const SLOT_SECONDS: usize = 300;
const SLOTS: usize = 86_400 / SLOT_SECONDS;

/// How many copies there will be, and how they lie in objects.
pub struct Layout {
    records: usize,
    records_per_object: usize,
}

impl Layout {
    pub fn new(records: usize, records_per_object: usize) -> Layout {
        Layout { records, records_per_object }
    }
}

/// Real records, each with the places that a copy has otherwise.
pub struct Templates(Vec<Template>);

struct Template {
    text: Vec<u8>,
    /// In order, not overlapping.
    edits: Vec<(Range<usize>, Edit)>,
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Edit {
    Id,
    Time,
    Account,
}

impl Templates {
    /// Every record of every CloudTrail object below a folder, packed or not.
    pub fn read(folder: &Path) -> Result<Templates> {
        let mut templates = Vec::new();
        for path in repo::walk(folder)? {
            let name = path.to_string_lossy();
            let mut bytes = Vec::new();
            let file = File::open(&path).with_context(|| format!("opening `{name}`"))?;
            if name.ends_with(".json.gz") {
                GzDecoder::new(file)
                    .read_to_end(&mut bytes)
                    .with_context(|| format!("inflating `{name}`"))?;
            } else if name.ends_with(".json") {
                { file }.read_to_end(&mut bytes)?;
            }
            templates.extend(
                records(&bytes).into_iter().filter_map(|range| Template::new(&bytes[range])),
            );
        }
        if templates.is_empty() {
            bail!(
                "no CloudTrail record lies below `{}`: name another folder in KURA_REAL_LOGS",
                folder.display()
            );
        }
        Ok(Templates(templates))
    }

    /// Writes objects named as AWS names them.
    pub fn write(&self, folder: &Path, layout: &Layout) -> Result<()> {
        let objects = layout.records.div_ceil(layout.records_per_object);
        let mut numbers = Numbers(1);
        for object in 0..objects {
            let first = object * layout.records_per_object;
            let last = layout.records.min(first + layout.records_per_object);
            let place = Place::of(object);
            let path = folder.join(place.key(object));
            fs::create_dir_all(path.parent().context("an object lies in a folder")?)?;
            let file =
                File::create(&path).with_context(|| format!("making `{}`", path.display()))?;
            let mut out = GzEncoder::new(BufWriter::new(file), Compression::default());
            out.write_all(b"{\"Records\":[")?;
            for record in first..last {
                if record > first {
                    out.write_all(b",")?;
                }
                self.0[record % self.0.len()].copy(
                    &place,
                    record - first,
                    &mut numbers,
                    &mut out,
                )?;
            }
            out.write_all(b"]}")?;
            out.finish()?.flush()?;
        }
        Ok(())
    }
}

impl Template {
    /// Nothing for what is no event: a digest, a stub without id, time or name.
    fn new(text: &[u8]) -> Option<Template> {
        let mut edits = Vec::new();
        let mut account = None;
        let mut named = false;
        for (key, value) in top_level_texts(text) {
            match &text[key] {
                b"eventID" | b"requestID" => edits.push((value, Edit::Id)),
                b"eventTime" if value.len() == "2021-07-29T23:56:07Z".len() => {
                    edits.push((value, Edit::Time))
                }
                b"eventName" => named = true,
                b"recipientAccountId" => account = Some(&text[value]),
                _ => {}
            }
        }
        let has = |wanted: Edit| edits.iter().any(|(_, edit)| *edit == wanted);
        if !named || !has(Edit::Id) || !has(Edit::Time) {
            return None;
        }
        if let Some(account) = account.filter(|account| account.len() == 12) {
            let starts = (0..text.len() - 12).filter(|at| text[*at..].starts_with(account));
            edits.extend(starts.map(|at| (at..at + 12, Edit::Account)));
        }
        edits.sort_by_key(|(range, _)| range.start);
        edits.dedup_by(|next, kept| next.0.start < kept.0.end);
        Some(Template { text: text.to_vec(), edits })
    }

    fn copy(
        &self,
        place: &Place,
        number: usize,
        numbers: &mut Numbers,
        out: &mut impl Write,
    ) -> Result<()> {
        let mut from = 0;
        for (range, edit) in &self.edits {
            out.write_all(&self.text[from..range.start])?;
            match edit {
                Edit::Id => out.write_all(numbers.id().as_bytes())?,
                Edit::Time => out.write_all(place.time(number).as_bytes())?,
                Edit::Account => out.write_all(place.account().as_bytes())?,
            }
            from = range.end;
        }
        out.write_all(&self.text[from..])?;
        Ok(())
    }
}

/// Account, day and five minutes of an object.
struct Place {
    account: usize,
    day: usize,
    slot: usize,
}

impl Place {
    fn of(object: usize) -> Place {
        Place {
            account: object % ACCOUNTS,
            day: object / ACCOUNTS % DAYS,
            slot: object / (ACCOUNTS * DAYS) % SLOTS,
        }
    }

    fn account(&self) -> String {
        format!("{:012}", 111_111_111_111_u64 * (self.account as u64 + 1))
    }

    fn day(&self) -> usize {
        self.day + 10
    }

    /// Records lie within their object's five minutes, not in order.
    fn time(&self, number: usize) -> String {
        let seconds = self.slot * SLOT_SECONDS + number * 97 % SLOT_SECONDS;
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        format!("2026-11-{:02}T{hour:02}:{minute:02}:{second:02}Z", self.day())
    }

    fn key(&self, object: usize) -> String {
        let (account, day) = (self.account(), self.day());
        let minutes = self.slot * SLOT_SECONDS / 60;
        let name = format!(
            "{account}_CloudTrail_us-east-1_202611{day:02}T{:02}{:02}Z_{object:016}.json.gz",
            minutes / 60,
            minutes % 60
        );
        format!("AWSLogs/{account}/CloudTrail/us-east-1/2026/11/{day:02}/{name}")
    }
}

/// Ids that look random and are the same in every run (the SplitMix64 generator).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn id(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        let (a, b, c) = (high >> 32, high >> 16 & 0xffff, high & 0xfff);
        let (d, e) = (low >> 48 & 0x3fff | 0x8000, low & 0xffff_ffff_ffff);
        format!("{a:08x}-{b:04x}-4{c:03x}-{d:04x}-{e:012x}")
    }
}

/// Where each record of `{"Records": [{…}, …]}` lies; none where this is something else.
fn records(bytes: &[u8]) -> Vec<Range<usize>> {
    let Some(key) =
        bytes.windows(RECORDS_KEY.len()).take(256).position(|window| window == RECORDS_KEY)
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut start = None;
    for (at, byte, depth) in structure(&bytes[key + RECORDS_KEY.len()..]) {
        let at = at + key + RECORDS_KEY.len();
        match (byte, depth) {
            (b'{', 2) => start = Some(at),
            (b'}', 1) => found.extend(start.take().map(|start| start..at + 1)),
            (b']', 0) => break,
            _ => {}
        }
    }
    found
}

/// The texts directly in a record, as (key, value), without their quotes.
fn top_level_texts(record: &[u8]) -> Vec<(Range<usize>, Range<usize>)> {
    let mut found = Vec::new();
    let mut texts: Vec<Range<usize>> = Vec::new();
    let mut open = None;
    for (at, byte, depth) in structure(record) {
        match (byte, depth) {
            (b'"', 1) => match open.take() {
                Some(start) => texts.push(start..at),
                None => open = Some(at + 1),
            },
            (b',' | b'}', _) if depth <= 1 && texts.len() == 2 => {
                found.push((texts[0].clone(), texts[1].clone()));
                texts.clear();
            }
            (b',', 1) => texts.clear(),
            _ => {}
        }
    }
    found
}

/// The bytes that give JSON its structure (brackets, commas and quotes outside texts), each with
/// its place and the depth behind it.
fn structure(bytes: &[u8]) -> impl Iterator<Item = (usize, u8, usize)> + '_ {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut escaped = false;
    bytes.iter().enumerate().filter_map(move |(at, byte)| {
        if in_text {
            let ends = *byte == b'"' && !escaped;
            escaped = *byte == b'\\' && !escaped;
            in_text = !ends;
            return ends.then_some((at, *byte, depth));
        }
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => in_text = true,
            b',' => {}
            _ => return None,
        }
        Some((at, *byte, depth))
    })
}

#[cfg(test)]
mod tests {
    use super::{Edit, Numbers, Place, Template, records};

    const OBJECT: &str = r#"{"Records": [ {"eventVersion":"1.08","eventTime":"2021-07-29T23:56:07Z",
        "userIdentity":{"accountId":"342082656213","eventID":"inner"},"requestParameters":{"a":"}],\"eventID\":\"x\""},
        "eventName":"A","eventID":"1","n":[1,"eventTime"],"recipientAccountId":"342082656213"},{"eventVersion":"2"}], "x": [{}]}"#;

    fn copy(text: &str, object: usize) -> String {
        let template = Template::new(text.as_bytes()).unwrap();
        let mut out = Vec::new();
        template.copy(&Place::of(object), 1, &mut Numbers(1), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn finds_the_records() {
        let found: Vec<_> =
            records(OBJECT.as_bytes()).into_iter().map(|range| &OBJECT[range]).collect();
        assert_eq!(found.len(), 2);
        assert!(found[0].starts_with("{\"eventVersion\":\"1.08\"") && found[0].ends_with("213\"}"));
        assert_eq!(found[1], "{\"eventVersion\":\"2\"}");
        assert!(records(b"{\"a\": [{}]}").is_empty());
    }

    #[test]
    fn a_copy_differs_in_id_time_and_account_only() {
        let record = &OBJECT[records(OBJECT.as_bytes())[0].clone()];
        let template = Template::new(record.as_bytes()).unwrap();
        let edits: Vec<_> = template.edits.iter().map(|(_, edit)| *edit).collect();
        assert_eq!(edits, [Edit::Time, Edit::Account, Edit::Id, Edit::Account]);
        let copied = copy(record, 1);
        assert!(copied.contains(r#""eventTime":"2026-11-10T00:01:37Z""#), "{copied}");
        assert!(copied.contains(r#""recipientAccountId":"222222222222""#), "{copied}");
        assert!(copied.contains(r#""eventID":"inner""#), "{copied}");
        assert_eq!(copied.len(), record.len() + 35, "only the id is longer");
        assert!(serde_json::from_str::<serde_json::Value>(&copied).is_ok());
        assert!(Template::new(br#"{"eventID":"1","eventName":"A"}"#).is_none());
    }

    #[test]
    fn ids_and_keys_are_well_formed() {
        let mut numbers = Numbers(1);
        let ids = [numbers.id(), numbers.id()];
        assert_ne!(ids[0], ids[1]);
        assert!(ids.iter().all(|id| id.len() == 36 && id.as_bytes()[14] == b'4'));
        assert_eq!(
            Place::of(36).key(36),
            "AWSLogs/222222222222/CloudTrail/us-east-1/2026/11/10/\
             222222222222_CloudTrail_us-east-1_20261110T0005Z_0000000000000036.json.gz"
        );
    }
}
