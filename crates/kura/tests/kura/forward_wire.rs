//! Fluentd's forward protocol from the sender's side, byte for byte as Docker's Go client writes
//! it; and the ack that comes back.

use std::io::{self, BufReader, Read, Write};
use std::net::TcpStream;

use crate::http::connect;

/// MessagePack, each value in the form that `tinylib/msgp` gives it.
#[derive(Default)]
pub struct Packer(pub Vec<u8>);

impl Packer {
    pub fn array(mut self, length: usize) -> Self {
        self.sized(length, 0x90, 16, &[(0xffff, 0xdc), (usize::MAX, 0xdd)]);
        self
    }

    pub fn map(mut self, length: usize) -> Self {
        self.sized(length, 0x80, 16, &[(0xffff, 0xde), (usize::MAX, 0xdf)]);
        self
    }

    pub fn text(mut self, text: &str) -> Self {
        self.sized(text.len(), 0xa0, 32, &[(0xff, 0xd9), (0xffff, 0xda), (usize::MAX, 0xdb)]);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub fn bytes(mut self, bytes: &[u8]) -> Self {
        self.sized(bytes.len(), 0, 0, &[(0xff, 0xc4), (0xffff, 0xc5), (usize::MAX, 0xc6)]);
        self.0.extend_from_slice(bytes);
        self
    }

    pub fn number(mut self, number: i64) -> Self {
        match number {
            0..=0x7f => self.0.push(number as u8),
            0x80..=0x7fff => self.tagged(0xd1, &(number as i16).to_be_bytes()),
            0x8000..=0x7fff_ffff => self.tagged(0xd2, &(number as i32).to_be_bytes()),
            _ => self.tagged(0xd3, &number.to_be_bytes()),
        }
        self
    }

    /// An `EventTime`.
    pub fn time(mut self, seconds: u32, nanoseconds: u32) -> Self {
        self.tagged(0xd7, &[0]);
        self.0.extend_from_slice(&seconds.to_be_bytes());
        self.0.extend_from_slice(&nanoseconds.to_be_bytes());
        self
    }

    fn tagged(&mut self, tag: u8, bytes: &[u8]) {
        self.0.push(tag);
        self.0.extend_from_slice(bytes);
    }

    /// A length: in the tag itself if it is less than `fixed`, else in as few bytes as it needs.
    fn sized(&mut self, length: usize, fix: u8, fixed: usize, wider: &[(usize, u8)]) {
        if length < fixed {
            return self.0.push(fix | length as u8);
        }
        let &(most, tag) = wider.iter().find(|(most, _)| length <= *most).expect("one of them");
        let all = (length as u32).to_be_bytes();
        let width = match most {
            0xff => 1,
            0xffff => 2,
            _ => 4,
        };
        self.tagged(tag, &all[4 - width..]);
    }
}

/// What Docker's `fluentd` driver sends for a line, or a part of one.
pub struct DockerLine<'a> {
    pub container: &'a str,
    pub seconds: u32,
    pub log: &'a str,
    /// Marks of a part: id, number from 1, whether it is the last one. Without an id it is of an
    /// older Docker.
    pub part: Option<(Option<&'a str>, u32, bool)>,
}

impl DockerLine<'_> {
    pub fn message(&self, chunk: Option<&str>) -> Vec<u8> {
        let name = format!("/shop-{}", self.container);
        let mut pairs = vec![
            ("container_id", self.container.to_owned()),
            ("container_name", name),
            ("source", "stdout".to_owned()),
            ("log", self.log.to_owned()),
        ];
        match self.part {
            None => {}
            // An older Docker marks all parts but the last.
            Some((None, _, is_last)) => {
                pairs.extend((!is_last).then(|| ("partial_message", "true".to_owned())));
            }
            Some((Some(id), number, is_last)) => pairs.extend([
                ("partial_message", "true".to_owned()),
                ("partial_id", id.to_owned()),
                ("partial_ordinal", number.to_string()),
                ("partial_last", is_last.to_string()),
            ]),
        }
        let tag = format!("docker.{}", self.container);
        let mut packer = Packer::default().array(4).text(&tag).number(self.seconds.into());
        packer = packer.map(pairs.len());
        for (key, value) in &pairs {
            packer = packer.text(key).text(value);
        }
        match chunk {
            None => packer.map(0).0,
            Some(chunk) => packer.map(1).text("chunk").text(chunk).0,
        }
    }
}

/// A connection to a server.
pub struct Forward(BufReader<TcpStream>);

impl Forward {
    pub fn open(address: &str) -> io::Result<Self> {
        Ok(Forward(BufReader::new(connect(address)?)))
    }

    pub fn send(&mut self, message: &[u8]) -> io::Result<()> {
        self.0.get_mut().write_all(message)
    }

    /// Waits for `{"ack": chunk}`, chunk being a short text.
    pub fn acknowledged(&mut self, chunk: &str) -> io::Result<()> {
        let expected = Packer::default().map(1).text("ack").text(chunk).0;
        let mut came = vec![0; expected.len()];
        self.0.read_exact(&mut came)?;
        assert_eq!(came, expected, "another ack than that of {chunk}");
        Ok(())
    }

    /// Says that nothing more is sent, and waits until all of it was read.
    pub fn close(mut self) {
        self.0.get_ref().shutdown(std::net::Shutdown::Write).expect("open");
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).expect("it closes");
        assert_eq!(rest, b"", "nothing is said that nobody asked for");
    }
}

#[test]
fn a_line_has_the_bytes_that_docker_sends() {
    let line = DockerLine {
        container: "4f1c",
        seconds: 1_795_219_200,
        log: "GET /cart 200",
        part: Some((Some("9c1e"), 1, false)),
    };
    let message = line.message(Some("NDQ4"));
    assert!(
        message.starts_with(b"\x94\xabdocker.4f1c\xd2\x6b\x00\xdf\x00\x88\xaccontainer_id\xa44f1c")
    );
    assert!(message.ends_with(b"\xacpartial_last\xa5false\x81\xa5chunk\xa4NDQ4"));
    let long = Packer::default().text(&"x".repeat(16 << 10)).0;
    assert_eq!(long[..3], [0xda, 0x40, 0x00]);
}
