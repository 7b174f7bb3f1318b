//! What container runtimes write: Docker's `json-file` lines and CRI's.
//!
//! Both cut long lines (Docker at 16 KiB): the pieces of one line are joined again, per
//! stream. What is never finished, or grows beyond its cap, is handed on as it is.

use std::borrow::Cow;

use kura_core::time::{Micros, parse_log_time};

use super::members::{Members, into_bytes};
use super::{About, Envelope, Message, Opener};
use crate::formats::{Head, RawRecord};
use crate::framing::{Framing, Marks};
use crate::json::text_of;
use crate::reject::{Reason, Reject};

/// A line's pieces are joined up to here.
const JOINED_BYTES_MAX: usize = 1 << 20;

/// `{"log":"…\n","stream":"stdout","time":"…"}`, as Docker's `json-file` driver writes it.
#[derive(Debug)]
pub struct DockerJson;

impl Envelope for DockerJson {
    fn name(&self) -> &'static str {
        "docker"
    }

    fn recognise(&self, head: &Head<'_>, _about: &About<'_>) -> bool {
        let is_stream = matches!(text_of(head.value("stream")), Some("stdout" | "stderr"));
        is_stream && head.has("log") && head.has("time")
    }

    fn framing(&self) -> Framing {
        Framing::Json { restart: Some(Marks { restart: b"\"log\"", lists: &[] }) }
    }

    /// `…/containers/<id>/<id>-json.log`
    fn opener(&self, path: &str) -> Box<dyn Opener> {
        let source = file_name(path).strip_suffix("-json.log");
        Box::new(Container::new(docker_piece, source))
    }
}

/// `2026-11-20T10:00:00.123456789Z stdout F message`, as CRI-O and containerd write it.
#[derive(Debug)]
pub struct Cri;

impl Envelope for Cri {
    fn name(&self) -> &'static str {
        "cri"
    }

    fn recognise(&self, head: &Head<'_>, _about: &About<'_>) -> bool {
        cri_parts(head.line).is_some()
    }

    fn framing(&self) -> Framing {
        Framing::Lines
    }

    /// `…/containers/<pod>_<namespace>_<container>-<id>.log`,
    /// `…/pods/<namespace>_<pod>_<uid>/<container>/0.log`
    fn opener(&self, path: &str) -> Box<dyn Opener> {
        let name = file_name(path).strip_suffix(".log").filter(|name| name.contains('_'));
        let pod = || path.split_once("/pods/")?.1.rsplit_once('/').map(|(pod, _)| pod);
        Box::new(Container::new(cri_piece, name.or_else(pod)))
    }
}

/// A line, or a piece of one.
#[derive(Debug)]
struct Piece<'a> {
    text: Cow<'a, str>,
    is_last: bool,
    stream: Cow<'a, str>,
    time: Option<Micros>,
    beside: Vec<(String, String)>,
}

impl Piece<'_> {
    fn into_owned(self) -> Piece<'static> {
        Piece {
            text: Cow::Owned(self.text.into_owned()),
            is_last: self.is_last,
            stream: Cow::Owned(self.stream.into_owned()),
            time: self.time,
            beside: self.beside,
        }
    }
}

fn docker_piece(record: RawRecord<'_>) -> Result<Piece<'_>, Reject> {
    let members = Members::of_record(record)?;
    let missing = || Reject::new(Reason::NotAnEvent, "no `log` in it");
    let mut text = members.text("log").ok_or_else(missing)?;
    let is_last = text.ends_with('\n');
    if is_last {
        text = match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim_end_matches(['\r', '\n'])),
            Cow::Owned(text) => Cow::Owned(text.trim_end_matches(['\r', '\n']).to_owned()),
        };
    }
    let time = members.text("time").and_then(|time| parse_log_time(&time));
    let stream = members.text("stream").unwrap_or_default();
    Ok(Piece { text, is_last, stream, time, beside: members.beside(&["log", "stream", "time"]) })
}

fn cri_parts(line: &str) -> Option<(Micros, &str, &str, &str)> {
    let (time, rest) = line.split_once(' ')?;
    let (stream, rest) = rest.split_once(' ')?;
    let (tags, text) = rest.split_once(' ').unwrap_or((rest, ""));
    let is_cri = matches!(stream, "stdout" | "stderr") && matches!(tags.get(..1), Some("F" | "P"));
    is_cri.then_some((parse_log_time(time)?, stream, tags, text))
}

fn cri_piece(record: RawRecord<'_>) -> Result<Piece<'_>, Reject> {
    let parts = cri_parts(record.text()?);
    let (time, stream, tags, text) =
        parts.ok_or_else(|| Reject::new(Reason::NotAnEvent, "not a line as CRI writes it"))?;
    Ok(Piece {
        text: text.into(),
        is_last: !tags.starts_with('P'),
        stream: stream.into(),
        time: Some(time),
        beside: Vec::new(),
    })
}

type ReadPiece = for<'r> fn(RawRecord<'r>) -> Result<Piece<'r>, Reject>;

/// Joins the pieces of lines.
struct Container {
    read: ReadPiece,
    /// One line per stream that is not finished.
    joining: Vec<Message<'static>>,
    /// The container, as the object's path names it.
    source: Option<String>,
}

impl Container {
    fn message<'r>(&self, number: u64, piece: Piece<'r>) -> Message<'r> {
        Message {
            bytes: into_bytes(piece.text),
            number,
            time: piece.time,
            source: self.source.clone(),
            stream: Some(piece.stream.into_owned()),
            beside: piece.beside,
            ..Message::default()
        }
    }

    fn new(read: ReadPiece, source: Option<&str>) -> Self {
        Container { read, joining: Vec::new(), source: source.map(str::to_owned) }
    }
}

fn file_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

impl Opener for Container {
    fn open<'r>(&mut self, record: RawRecord<'r>) -> Result<Vec<Message<'r>>, Reject> {
        let piece = (self.read)(record)?;
        let of_stream = |line: &Message<'_>| line.stream.as_deref() == Some(&*piece.stream);
        let joining = self.joining.iter().position(of_stream).map(|at| self.joining.remove(at));
        let mut line = match joining {
            None if piece.is_last => return Ok(lines(self.message(record.number, piece))),
            None => self.message(record.number, piece.into_owned()),
            Some(mut line) => {
                line.bytes.to_mut().extend_from_slice(piece.text.as_bytes());
                if piece.is_last {
                    return Ok(vec![line]);
                }
                line
            }
        };
        if line.bytes.len() < JOINED_BYTES_MAX {
            self.joining.push(line);
            return Ok(Vec::new());
        }
        line.beside.push(("partial".to_owned(), "true".to_owned()));
        Ok(vec![line])
    }

    fn finish(&mut self) -> Vec<Message<'static>> {
        std::mem::take(&mut self.joining)
    }
}

/// A blank line is nothing that anybody logged.
fn lines(message: Message<'_>) -> Vec<Message<'_>> {
    match message.bytes.trim_ascii().is_empty() {
        true => Vec::new(),
        false => vec![message],
    }
}
