//! How CloudTrail brings records to the bucket: an object per account, Region and five minutes,
//! most records at once, some five minutes later, and now and then something twice.

use std::collections::{BTreeMap, VecDeque};

use crate::background::Background;
use crate::clock::{self, SLOT};
use crate::digest::{self, Digests};
use crate::ids::{self, below, mix};
use crate::organisation::{Account, ORGANISATION_ID, Organisation, Region};
use crate::record::Record;
use crate::story::Story;

/// An object before it is compressed.
#[derive(Debug)]
pub struct Draft {
    pub key: String,
    pub body: String,
    pub events: u64,
    /// How many of the records were in an object before this one.
    pub duplicates: u64,
}

/// No object has more records; a busy slot makes several.
const RECORDS_PER_OBJECT_MAX: usize = 2_000;
/// One record of eight comes five minutes later than the others.
const LATE_ONE_IN: usize = 8;
/// Every so many objects, the whole object comes again under another name …
const AGAIN_EVERY: u64 = 97;
/// … or half of its records are among the next ones of that account and Region.
const PARTLY_AGAIN_EVERY: u64 = 61;

type Lane = (Account, Region);

/// Walks through the slots and hands out what is delivered in each.
pub struct Deliveries<'a> {
    organisation: &'a Organisation,
    story: &'a Story,
    background: Background,
    /// What arrives in the next slot, and in the one after it.
    next: BTreeMap<Lane, Parcel>,
    after_next: BTreeMap<Lane, Parcel>,
    digests: Digests,
    ready: VecDeque<Draft>,
    slot: i64,
    start: i64,
    end: i64,
    delivered: u64,
}

/// What waits for one delivery.
#[derive(Debug, Default)]
struct Parcel {
    records: Vec<Record>,
    /// Known already; they go behind the others.
    repeated: Vec<Record>,
    /// Whole objects that come again.
    objects: Vec<Vec<Record>>,
}

impl<'a> Deliveries<'a> {
    pub fn new(
        organisation: &'a Organisation,
        story: &'a Story,
        background: Background,
        window: (i64, i64),
    ) -> Self {
        Deliveries {
            organisation,
            story,
            background,
            next: BTreeMap::new(),
            after_next: BTreeMap::new(),
            digests: Digests::default(),
            ready: VecDeque::new(),
            slot: window.0,
            start: window.0,
            end: window.1,
            delivered: 0,
        }
    }

    /// Delivers what is due, then lets the slot happen.
    fn advance(&mut self) {
        let due = std::mem::replace(&mut self.next, std::mem::take(&mut self.after_next));
        for (lane, parcel) in due {
            self.deliver(lane, parcel);
        }
        if self.slot % digest::PERIOD == 0 && (self.start + 1..=self.end).contains(&self.slot) {
            let (key, body) = self.digests.close(self.organisation.seed, self.slot);
            self.ready.push_back(Draft { key, body, events: 0, duplicates: 0 });
        }
        if self.slot < self.end {
            let mut records = self.background.slot(self.organisation, self.slot);
            records.extend_from_slice(self.story.slot(self.slot));
            self.hand_in(records);
        }
        self.slot += SLOT;
    }

    /// Sorts new records into the next two deliveries.
    fn hand_in(&mut self, records: Vec<Record>) {
        for (number, record) in records.into_iter().enumerate() {
            let bits = mix(self.organisation.seed ^ self.slot as u64, number as u64);
            let parcels = match below(bits, LATE_ONE_IN) {
                0 => &mut self.after_next,
                _ => &mut self.next,
            };
            parcels.entry((record.account, record.region)).or_default().records.push(record);
        }
    }

    fn deliver(&mut self, lane: Lane, parcel: Parcel) {
        let mut repeated = parcel.repeated;
        let mut records = parcel.records.into_iter().peekable();
        while records.peek().is_some() || !repeated.is_empty() {
            let fresh: Vec<Record> = records.by_ref().take(RECORDS_PER_OBJECT_MAX).collect();
            self.push_object(lane, &fresh, &repeated);
            repeated.clear();
            if !fresh.is_empty() {
                self.repeat_later(lane, fresh);
            }
        }
        for again in parcel.objects {
            self.push_object(lane, &[], &again);
        }
    }

    fn push_object(&mut self, lane: Lane, fresh: &[Record], repeated: &[Record]) {
        let records = || fresh.iter().chain(repeated);
        let mut body = String::with_capacity(
            16 + records().map(|record| record.json.len() + 1).sum::<usize>(),
        );
        body.push_str(r#"{"Records":["#);
        for (number, record) in records().enumerate() {
            if number > 0 {
                body.push(',');
            }
            body.push_str(&record.json);
        }
        body.push_str("]}");
        let key = self.key(lane);
        if lane == digest::LANE {
            let oldest = records().map(|record| record.time).min().unwrap_or(self.slot);
            let newest = records().map(|record| record.time).max().unwrap_or(self.slot);
            self.digests.add(&key, &body, oldest, newest);
        }
        self.delivered += 1;
        self.ready.push_back(Draft {
            key,
            body,
            events: (fresh.len() + repeated.len()) as u64,
            duplicates: repeated.len() as u64,
        });
    }

    /// At least once means: sometimes twice. Which ones goes by counting, so that even a small
    /// demo has some.
    fn repeat_later(&mut self, lane: Lane, mut delivered: Vec<Record>) {
        if self.delivered % AGAIN_EVERY == AGAIN_EVERY / 2 {
            self.next.entry(lane).or_default().objects.push(delivered);
        } else if self.delivered % PARTLY_AGAIN_EVERY == PARTLY_AGAIN_EVERY / 2 {
            delivered.truncate(delivered.len().div_ceil(2));
            self.next.entry(lane).or_default().repeated.extend(delivered);
        }
    }

    fn key(&self, (account, region): Lane) -> String {
        let (account, region) = (account.id(), region.code());
        let unique = ids::letters(
            "",
            ids::ALPHANUMERIC,
            mix(self.organisation.seed ^ 0x0b, self.delivered),
            16,
        );
        format!(
            "AWSLogs/{ORGANISATION_ID}/{account}/CloudTrail/{region}/{}/{account}_CloudTrail_{region}_{}_{unique}.json.gz",
            clock::folder(self.slot),
            clock::minute(self.slot),
        )
    }
}

impl Iterator for Deliveries<'_> {
    type Item = Draft;

    fn next(&mut self) -> Option<Draft> {
        while self.ready.is_empty() {
            let nothing_waits = self.next.is_empty() && self.after_next.is_empty();
            if self.slot > self.end && nothing_waits {
                return None;
            }
            self.advance();
        }
        self.ready.pop_front()
    }
}
