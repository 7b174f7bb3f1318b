//! What an object's frames become: rows of one table, or, out of envelopes, of many.
//!
//! A message in an envelope is recognised by itself: an envelope again, a record of a format
//! that knows it, else JSON or text. One that its format refuses is kept as JSON or text, too,
//! so that nothing is set aside but what cannot be read at all.

use std::sync::Arc;

use arrow::error::ArrowError;
use kura_core::origin::{ObjectFacts, Origin};
use kura_core::table::Rows;
use kura_formats::envelopes::{Envelope, Message, Opener};
use kura_formats::formats::{JSON_LOG, RawRecord, TEXT_LOG};
use kura_formats::framing::{Frame, FrameLimits, Framing};
use kura_formats::quarantine::Quarantine;
use kura_formats::recognise::MessageKind;
use kura_formats::{Catalogue, Decoder, Format, Reason, Recognised, Reject};

/// Envelopes within envelopes are opened so far.
const DEPTH_MAX: usize = 8;
/// What quarantine keeps of a message.
const SAMPLE_BYTES_MAX: usize = 64 << 10;
/// As which `quarantine` knows what broke off before it said what it is.
pub const UNKNOWN: &str = "unknown";

/// What the frames of an object are.
pub enum Contents {
    /// Records, and the decoder for them.
    Records(usize),
    Envelopes(Unwrapping),
}

/// Envelopes on their way to being opened.
pub struct Unwrapping {
    pub envelope: &'static dyn Envelope,
    opener: Box<dyn Opener>,
    messages: Messages,
}

/// What holds for all messages of an object, or of a delivery.
#[derive(Debug, Default)]
pub struct Messages {
    /// What all of them are, by a person's word.
    forced: Option<Arc<dyn Format>>,
    /// Envelopes that were opened before.
    depth: usize,
    /// Decoders that know that this object began.
    begun: Vec<usize>,
}

/// What came of an object so far.
#[derive(Debug, Default)]
pub struct Tally {
    pub records: u64,
    pub quarantined: u64,
    pub first_reject: Option<Reject>,
}

/// Decoders of all formats met so far, and what they could not read.
pub struct Decoders {
    catalogue: Catalogue,
    limits: FrameLimits,
    /// The only table whose rows are asked for.
    wanted: Option<String>,
    decoders: Vec<(Arc<dyn Format>, Box<dyn Decoder>)>,
    quarantine: Quarantine,
}

impl Unwrapping {
    pub fn new(
        envelope: &'static dyn Envelope,
        path: &str,
        forced: Option<Arc<dyn Format>>,
    ) -> Self {
        let messages = Messages { forced, ..Messages::default() };
        Unwrapping { envelope, opener: envelope.opener(path), messages }
    }
}

impl Messages {
    /// One of these is an envelope.
    fn inner(&self, envelope: &'static dyn Envelope) -> Unwrapping {
        let mut inner = Unwrapping::new(envelope, "", self.forced.clone());
        inner.messages.depth = self.depth + 1;
        inner
    }
}

impl Decoders {
    pub fn new(catalogue: Catalogue, limits: FrameLimits, wanted: Option<String>) -> Self {
        let quarantine = Quarantine::default();
        Decoders { catalogue, limits, wanted, decoders: Vec::new(), quarantine }
    }

    /// The decoder of a format.
    pub fn of(&mut self, format: &Arc<dyn Format>) -> usize {
        let known = self.decoders.iter().position(|(known, _)| known.name() == format.name());
        known.unwrap_or_else(|| {
            self.decoders.push((format.clone(), format.decoder()));
            self.decoders.len() - 1
        })
    }

    /// An object begins whose records are this decoder's. Returns how they follow one another.
    pub fn begin(&mut self, decoder: usize) -> Framing {
        let (format, decoder) = &mut self.decoders[decoder];
        decoder.begin();
        format.framing()
    }

    /// See [`Decoder::decode_ahead`].
    pub fn decode_ahead(
        &mut self,
        decoder: usize,
        text: &str,
        number: u64,
        facts: &ObjectFacts,
    ) -> (usize, u64) {
        self.decoders[decoder].1.decode_ahead(text, number, facts)
    }

    /// As whose quarantine knows what is wrong with a frame.
    pub fn name(&self, contents: &Contents) -> String {
        match contents {
            Contents::Records(decoder) => self.decoders[*decoder].0.name().to_owned(),
            Contents::Envelopes(unwrapping) => unwrapping.envelope.name().to_owned(),
        }
    }

    /// A frame that is whole.
    pub fn record(
        &mut self,
        record: RawRecord<'_>,
        contents: &mut Contents,
        facts: &mut ObjectFacts,
        tally: &mut Tally,
    ) -> Result<(), Reject> {
        match contents {
            Contents::Records(decoder) => self.decode(*decoder, record, facts, tally),
            Contents::Envelopes(unwrapping) => {
                for message in unwrapping.opener.open(record)? {
                    self.message(message, unwrapping, facts, tally);
                }
                Ok(())
            }
        }
    }

    /// A record that came by stream: of the kind that it is known to be, else JSON or text.
    pub fn streamed(
        &mut self,
        record: RawRecord<'_>,
        messages: &mut Messages,
        facts: &mut ObjectFacts,
        tally: &mut Tally,
    ) {
        if let Err(reject) = self.one(record, messages, facts, tally, true) {
            let length = record.bytes.len();
            let sample = (&record.bytes[..length.min(SAMPLE_BYTES_MAX)], length as u64);
            self.set_aside(UNKNOWN, reject, sample, record.number, (facts, tally));
        }
    }

    /// The object ended.
    pub fn end(&mut self, contents: &mut Contents, facts: &mut ObjectFacts, tally: &mut Tally) {
        let Contents::Envelopes(unwrapping) = contents else { return };
        for message in unwrapping.opener.finish() {
            self.message(message, unwrapping, facts, tally);
        }
    }

    /// Puts into quarantine what cannot be a row: a sample, and the length of all of it.
    pub fn set_aside(
        &mut self,
        format: &str,
        reject: Reject,
        (sample, length): (&[u8], u64),
        number: u64,
        (facts, tally): (&ObjectFacts, &mut Tally),
    ) {
        if self.is_wanted(format) {
            let way = &facts.envelope.way;
            let origin = Origin { uri: &facts.uri, number, way, wrapper: None };
            self.quarantine.add(format, &reject, sample, length, origin, facts);
            tally.records += 1;
            tally.quarantined += 1;
            tally.first_reject.get_or_insert(reject);
        }
    }

    pub fn bytes(&self) -> usize {
        let decoders = self.decoders.iter().map(|(_, decoder)| decoder.bytes());
        decoders.sum::<usize>() + self.quarantine.bytes()
    }

    /// The rows held.
    pub fn finish(&mut self) -> Result<Vec<Rows>, ArrowError> {
        let mut all = Vec::new();
        for (_, decoder) in self.decoders.iter_mut().filter(|(_, decoder)| decoder.rows() > 0) {
            all.push(decoder.finish()?);
        }
        all.retain(|rows| self.is_wanted(&rows.table));
        if self.quarantine.rows() > 0 {
            all.push(self.quarantine.finish()?);
        }
        Ok(all)
    }

    fn is_wanted(&self, table: &str) -> bool {
        self.wanted.as_deref().is_none_or(|wanted| wanted == table)
    }

    fn decode(
        &mut self,
        decoder: usize,
        record: RawRecord<'_>,
        facts: &ObjectFacts,
        tally: &mut Tally,
    ) -> Result<(), Reject> {
        let (format, decoder) = &mut self.decoders[decoder];
        let decoded = decoder.decode(record, facts)?;
        let is_wanted = self.wanted.as_deref().is_none_or(|wanted| wanted == format.name());
        tally.records += if is_wanted { decoded.rows() } else { 0 };
        Ok(())
    }

    /// What an envelope says of a message holds for that message.
    fn message(
        &mut self,
        message: Message<'_>,
        unwrapping: &mut Unwrapping,
        facts: &mut ObjectFacts,
        tally: &mut Tally,
    ) {
        let outer = facts.clone();
        let place = message.place.map_or_else(String::new, |place| format!(".{place}"));
        let envelope = &mut facts.envelope;
        envelope.way.push_str(&format!("|{}{place}", unwrapping.envelope.name()));
        envelope.id = message.id.or(envelope.id.take());
        envelope.source = message.source.or(envelope.source.take());
        envelope.stream = message.stream.or(envelope.stream.take());
        envelope.beside.extend(message.beside);
        facts.time = message.time.or(facts.time);
        facts.account = message.account.or(facts.account.take());
        let record = RawRecord { bytes: &message.bytes, number: message.number, compact: false };
        let messages = &mut unwrapping.messages;
        let read = match (message.broken, message.is_object) {
            (Some(reject), _) => Err(reject),
            (None, true) => self.object(record, messages, facts, tally),
            (None, false) => self.one(record, messages, facts, tally, message.otherwise.is_none()),
        };
        let is_refused = match (read, message.otherwise) {
            (Err(_), Some(bytes)) => {
                *facts = outer.clone();
                let record = RawRecord { bytes, ..record };
                self.general(record, messages, facts, tally)
            }
            (read, _) => read,
        };
        if let Err(reject) = is_refused {
            let length = message.bytes.len();
            let sample = &message.bytes[..length.min(SAMPLE_BYTES_MAX)];
            let sample = (sample, length as u64);
            let format = unwrapping.messages.forced.as_ref().map(|format| format.name().to_owned());
            let name = format.unwrap_or_else(|| unwrapping.envelope.name().to_owned());
            self.set_aside(&name, reject, sample, message.number, (facts, tally));
        }
        *facts = outer;
    }

    /// A message that holds records as an object does.
    fn object(
        &mut self,
        object: RawRecord<'_>,
        messages: &mut Messages,
        facts: &mut ObjectFacts,
        tally: &mut Tally,
    ) -> Result<(), Reject> {
        let recognised = match &messages.forced {
            Some(format) => {
                let facts = Default::default();
                Recognised::Records { format: format.clone(), facts }
            }
            None => self.catalogue.recognise("", object.bytes),
        };
        let (mut contents, framing) = match recognised {
            Recognised::Records { format, .. } => {
                let decoder = self.of(&format);
                (Contents::Records(decoder), self.begin(decoder))
            }
            Recognised::Envelopes(envelope) if messages.depth < DEPTH_MAX => {
                (Contents::Envelopes(messages.inner(envelope)), envelope.framing())
            }
            _ => return self.general(object, messages, facts, tally),
        };
        let way = facts.envelope.way.clone();
        let mut framer = framing.framer(self.limits);
        framer.feed(object.bytes);
        while let Some(frame) = framer.next_frame().or_else(|| framer.finish()) {
            let (Frame::Record { number, .. } | Frame::Broken { number, .. }) = frame;
            facts.envelope.way = format!("{way}.{number}");
            let broken = match frame {
                Frame::Record { range, compact, .. } => {
                    let bytes = &framer.bytes()[range];
                    let record = RawRecord { bytes, number: object.number, compact };
                    let read = self.record(record, &mut contents, facts, tally);
                    read.err().map(|reject| framer.refuse(reject))
                }
                broken @ Frame::Broken { .. } => Some(broken),
            };
            if let Some(Frame::Broken { range, length, reject, .. }) = broken {
                let sample = (&framer.bytes()[range], length);
                let name = self.name(&contents);
                self.set_aside(&name, reject, sample, object.number, (facts, tally));
            }
        }
        self.end(&mut contents, facts, tally);
        Ok(())
    }

    /// A message that is one record, or one envelope. Where it is of no kind of its own,
    /// `is_anything` says whether it is JSON or text then, or refused.
    fn one(
        &mut self,
        record: RawRecord<'_>,
        messages: &mut Messages,
        facts: &mut ObjectFacts,
        tally: &mut Tally,
        is_anything: bool,
    ) -> Result<(), Reject> {
        let text = record.text()?;
        if text.trim().is_empty() {
            return Ok(());
        }
        let kind = match &messages.forced {
            Some(format) => Some(MessageKind::Record(format.clone())),
            None => self.catalogue.recognise_message(text),
        };
        let read = match kind {
            Some(MessageKind::Envelope(envelope)) if messages.depth < DEPTH_MAX => {
                let mut contents = Contents::Envelopes(messages.inner(envelope));
                let read = self.record(record, &mut contents, facts, tally);
                self.end(&mut contents, facts, tally);
                read
            }
            Some(MessageKind::Record(format)) => {
                let decoder = self.of(&format);
                if !messages.begun.contains(&decoder) {
                    messages.begun.push(decoder);
                    self.begin(decoder);
                }
                self.decode(decoder, record, facts, tally)
            }
            _ => Err(Reject::new(Reason::NotAnEvent, "of no kind that is known")),
        };
        let is_json = text.trim_start().starts_with('{');
        match read {
            Err(_) if messages.forced.is_none() && (is_anything || is_json) => {
                self.general(record, messages, facts, tally)
            }
            read => read,
        }
    }

    /// JSON or text of any kind.
    fn general(
        &mut self,
        record: RawRecord<'_>,
        messages: &mut Messages,
        facts: &ObjectFacts,
        tally: &mut Tally,
    ) -> Result<(), Reject> {
        let is_json = record.bytes.trim_ascii_start().starts_with(b"{");
        let kinds = if is_json { &[JSON_LOG, TEXT_LOG][..] } else { &[TEXT_LOG] };
        let mut read = Err(Reject::new(Reason::NotAnEvent, "of no kind that is known"));
        for kind in kinds {
            let Some(format) = self.catalogue.by_name(kind) else { continue };
            let decoder = self.of(&format);
            if !messages.begun.contains(&decoder) {
                messages.begun.push(decoder);
            }
            read = self.decode(decoder, record, facts, tally);
            if read.is_ok() {
                break;
            }
        }
        read
    }
}
