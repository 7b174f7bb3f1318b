//! Makes up an organisation's AWS logs: six accounts, their people, machines and services, some
//! days of CloudTrail as it lies in a bucket, the shop's flow logs and its load balancer's, and a
//! break-in hidden in them.
//!
//! Pure and repeatable: the same [`Options`] give the same bytes, on every machine and at any
//! time. [`Demo::objects`] hands out one object after the other, in the order of delivery, and
//! needs memory for a few minutes of logs only. [`Demo::questions`] knows what to ask of them and
//! what the answers are; [`Demo::totals`] what an import must count.
//!
//! ```
//! let demo = kura_demo::Demo::new(kura_demo::Options { days: 1, events: 2_000, ..Default::default() });
//! let object = demo.objects().next().expect("the first object");
//! assert!(object.key.starts_with("AWSLogs/o-"));
//! assert_eq!(object.bytes[..2], [0x1f, 0x8b]);
//! ```
//!
//! How it is made: `organisation` owns things, `workload` says who does what, `events` shows what
//! each call looks like, `rhythm` when it is busy, `story` is the break-in's script, and
//! `delivery` packs the records into objects.

mod ids;
mod clock;
mod options;
mod rhythm;
mod organisation;
mod caller;
mod event;
mod events;
mod tasks;
mod workload;
mod text;
mod record;
mod background;
mod story;
mod gzip;
mod sha256;
mod digest;
mod delivery;
mod network;
mod questions;

use background::Background;
use delivery::{Deliveries, Draft};
use gzip::Gzip;
use network::Network;
pub use options::Options;
pub use organisation::Account;
use organisation::Organisation;
pub use questions::{Command, Question};
use story::Story;

/// Flow logs, and requests, are each this part of the events.
const NETWORK_SHARE: u64 = 4;

/// An organisation with its story, ready to be logged.
pub struct Demo {
    options: Options,
    organisation: Organisation,
    story: Story,
}

/// An object as it lies in the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    pub key: String,
    /// Compressed with gzip.
    pub bytes: Vec<u8>,
    /// Number of records in it; 0 of a digest.
    pub events: u64,
}

/// What there is to count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Objects with records, without the digests.
    pub objects: u64,
    /// Records in all objects.
    pub records: u64,
    /// Different records: what is stored once everything is read.
    pub unique_records: u64,
    /// Records that were delivered before.
    pub duplicates: u64,
    /// Digest objects, which have no records.
    pub digests: u64,
}

impl Demo {
    /// Sets the organisation up and writes its story; the logs come later.
    pub fn new(options: Options) -> Demo {
        let organisation = Organisation::new(options.seed);
        let story = Story::new(&organisation, options.window());
        Demo { options, organisation, story }
    }

    /// The objects in the order of their delivery, made while they are asked for.
    pub fn objects(&self) -> impl Iterator<Item = Object> + '_ {
        let mut gzip = Gzip::new();
        self.drafts().map(move |draft| Object {
            bytes: gzip.compress(draft.body.as_bytes()),
            key: draft.key,
            events: draft.events,
        })
    }

    /// The shop's flow logs and load balancer logs, in the order of delivery.
    pub fn network_objects(&self) -> impl Iterator<Item = Object> + '_ {
        let mut gzip = Gzip::new();
        let lines = self.options.events / NETWORK_SHARE;
        let network = Network::new(&self.organisation, &self.story, self.options.window(), lines);
        network.map(move |draft| Object {
            bytes: gzip.compress(draft.body.as_bytes()),
            key: draft.key,
            events: draft.events,
        })
    }

    /// Questions about the story, with their answers.
    pub fn questions(&self) -> Vec<Question> {
        let leaked_key = self.organisation.long_lived_key(Account::Dev, workload::LEAKED_USER);
        questions::questions(&self.story, &leaked_key, self.options.window())
    }

    /// The accounts of the organisation.
    pub fn accounts(&self) -> &'static [Account] {
        &Account::ALL
    }

    /// Exact numbers. This makes all records once more, without compressing them.
    pub fn totals(&self) -> Totals {
        self.drafts().fold(Totals::default(), |mut totals, draft| {
            match draft.events {
                0 => totals.digests += 1,
                events => {
                    totals.objects += 1;
                    totals.records += events;
                    totals.duplicates += draft.duplicates;
                    totals.unique_records += events - draft.duplicates;
                }
            }
            totals
        })
    }

    fn drafts(&self) -> impl Iterator<Item = Draft> + '_ {
        let window = self.options.window();
        let events = self.options.events.saturating_sub(self.story.record_count());
        let background = Background::new(self.options.seed, window, events, self.story.key_dead_at);
        Deliveries::new(&self.organisation, &self.story, background, window)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    #[test]
    fn every_step_of_the_story_is_in_the_logs_once() {
        for days in [1, 2, 4] {
            let demo = Demo::new(Options { days, events: 5_000, ..Options::default() });
            let mut fresh: HashMap<&str, u64> =
                demo.story.facts.iter().map(|fact| (fact.event_id.as_str(), 0)).collect();
            for draft in demo.drafts() {
                for record in draft.body.split(r#","eventID":""#).skip(1) {
                    if let Some(count) = fresh.get_mut(&record[..36]) {
                        *count += 1;
                    }
                }
            }
            // Twice is a repeated delivery, which the totals count.
            assert!(fresh.values().all(|&count| count == 1 || count == 2), "{fresh:?}");
            assert_eq!(fresh.len(), demo.story.facts.len());
        }
    }
}
