//! Just enough HTTP for tests: requests over a connection that is kept, and answers that end or,
//! as server-sent events, do not.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// Whoever answers nothing for so long hangs.
const HANGS: Duration = Duration::from_secs(120);
/// As many signs of life without an event: it does not come.
const SIGNS_MAX: u32 = 4;

/// A client of one server.
pub struct Http {
    address: String,
    kept: Option<BufReader<TcpStream>>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or(Value::Null)
    }
}

pub fn connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    // To a port that nobody listens at one can, by chance, be connected with oneself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(HANGS))?;
    Ok(stream)
}

impl Http {
    pub fn new(address: &str) -> Self {
        Http { address: address.to_owned(), kept: None }
    }

    pub fn post_json(&mut self, path: &str, body: &Value) -> io::Result<Answer> {
        let headers = [("Content-Type", "application/json")];
        self.request("POST", path, &headers, body.to_string().as_bytes())
    }

    /// One exchange. After an error the next one has a connection of its own.
    pub fn request(
        &mut self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> io::Result<Answer> {
        let mut connection = match self.kept.take() {
            Some(connection) => connection,
            None => BufReader::new(connect(&self.address)?),
        };
        let length = body.len();
        write_head(&mut connection, &self.address, method, path, headers, length)?;
        connection.get_mut().write_all(body)?;
        let (status, head) = read_head(&mut connection)?;
        let mut content = Body::of(&head, connection);
        let mut body = String::new();
        content.read_to_string(&mut body)?;
        if !matches!(content.left, Left::UntilClosed) && !head.contains("connection: close") {
            self.kept = Some(content.connection);
        }
        Ok(Answer { status, body })
    }
}

fn write_head(
    connection: &mut BufReader<TcpStream>,
    host: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    length: usize,
) -> io::Result<()> {
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {length}\r\n\r\n");
    connection.get_mut().write_all(head.as_bytes())
}

fn read_head(connection: &mut BufReader<TcpStream>) -> io::Result<(u16, String)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if connection.read_line(&mut head)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    Ok((status.ok_or(io::ErrorKind::InvalidData)?, head.to_ascii_lowercase()))
}

/// The bytes of an answer, in chunks or not.
struct Body {
    connection: BufReader<TcpStream>,
    left: Left,
}

enum Left {
    Bytes(usize),
    /// Of the chunk at hand; the next one may be the last.
    OfChunk(usize),
    UntilClosed,
    Nothing,
}

impl Body {
    fn of(head: &str, connection: BufReader<TcpStream>) -> Self {
        let length = head.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
        let left = match length.and_then(|length| length.trim().parse().ok()) {
            Some(length) => Left::Bytes(length),
            None if head.contains("transfer-encoding: chunked") => Left::OfChunk(0),
            None if head.starts_with("http/1.1 204") => Left::Nothing,
            None => Left::UntilClosed,
        };
        Body { connection, left }
    }

    /// The size of the next chunk.
    fn next_chunk(&mut self) -> io::Result<usize> {
        let mut line = String::new();
        self.connection.read_line(&mut line)?;
        let size = usize::from_str_radix(line.trim(), 16);
        let size = size.map_err(|_| io::Error::from(io::ErrorKind::UnexpectedEof))?;
        if size == 0 {
            self.connection.read_line(&mut line)?;
        }
        Ok(size)
    }
}

impl Read for Body {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Left::OfChunk(0) = self.left {
            self.left = match self.next_chunk()? {
                0 => Left::Nothing,
                size => Left::OfChunk(size),
            };
        }
        let most = match self.left {
            Left::Nothing | Left::Bytes(0) => return Ok(0),
            Left::Bytes(left) | Left::OfChunk(left) => left.min(buffer.len()),
            Left::UntilClosed => buffer.len(),
        };
        let read = self.connection.read(&mut buffer[..most])?;
        match &mut self.left {
            Left::UntilClosed | Left::Nothing => return Ok(read),
            _ if read == 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            Left::Bytes(left) => *left -= read,
            Left::OfChunk(left) => {
                *left -= read;
                if *left == 0 {
                    let mut end = [0; 2];
                    self.connection.read_exact(&mut end)?;
                }
            }
        }
        Ok(read)
    }
}

/// What comes by `text/event-stream`, until it is dropped.
pub struct Events {
    body: BufReader<Body>,
}

#[derive(Debug, Default)]
pub struct Event {
    pub name: String,
    pub id: Option<String>,
    pub data: Value,
}

impl Events {
    /// Begins to listen; the server has heard of it by then.
    pub fn open(address: &str, path: &str, last_event_id: Option<&str>) -> Self {
        let mut connection = BufReader::new(connect(address).expect("it listens"));
        let resumed = last_event_id.map(|id| ("Last-Event-ID", id));
        let headers: Vec<_> =
            [("Accept", "text/event-stream")].into_iter().chain(resumed).collect();
        write_head(&mut connection, address, "GET", path, &headers, 0).expect("sent");
        let (status, head) = read_head(&mut connection).expect("answered");
        assert!(status == 200 && head.contains("text/event-stream"), "{head}");
        Events { body: BufReader::new(Body::of(&head, connection)) }
    }

    /// The next event; `None` at the end of the stream.
    pub fn next(&mut self) -> Option<Event> {
        let (mut event, mut data, mut line, mut signs) =
            (Event::default(), String::new(), String::new(), 0);
        loop {
            line.clear();
            match self.body.read_line(&mut line) {
                Ok(0) | Err(_) => return None,
                Ok(_) => {}
            }
            let (field, value) = line.trim_end().split_once(':').unwrap_or((line.trim_end(), ""));
            let value = value.trim_start();
            match field {
                "" if value.is_empty() && !data.is_empty() => {
                    event.data = serde_json::from_str(&data).expect("JSON");
                    return Some(event);
                }
                "" => signs += u32::from(!value.is_empty()),
                "event" => value.clone_into(&mut event.name),
                "id" => event.id = Some(value.to_owned()),
                "data" => data += value,
                _ => {}
            }
            assert!(signs < SIGNS_MAX, "it is alive, and nothing comes");
        }
    }
}
