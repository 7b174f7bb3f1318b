//! Fluentd's forward protocol, plainly and by TLS.

use std::path::PathBuf;
use std::sync::Arc;

use kura_ingest::inputs::forward::{self, Settings, Tls};
use kura_ingest::inputs::{InputContext, InputLimits};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::speakers::{Garbage, Told};
use crate::world::{Wire, gzip_bomb, noise, section, zstd_bomb};

pub fn serve(listener: TcpListener, context: InputContext, by_tls: bool) -> JoinHandle<()> {
    let mut settings: Settings = section("forward");
    settings.tls = by_tls.then(|| Tls {
        certificate: certificate("localhost.pem"),
        key: certificate("localhost.key.pem"),
    });
    let (_, settings) = watch::channel(settings);
    tokio::spawn(async move { forward::serve(listener, settings, context).await.expect("served") })
}

fn certificate(name: &str) -> PathBuf {
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    ours.join("../kura-ingest/src/inputs/forward/testdata").join(name)
}

pub async fn by_tls(stream: TcpStream) -> Option<Box<dyn Wire>> {
    let mut roots = RootCertStore::empty();
    let known = CertificateDer::from_pem_file(certificate("localhost.pem")).expect("PEM");
    roots.add(known).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.ok()?;
    Some(Box::new(stream))
}

/// A list, a map, a text: with a length of 32 bits, which fits always.
fn sized(tag: u8, length: usize) -> Vec<u8> {
    [&[tag][..], &(length as u32).to_be_bytes()].concat()
}

fn text(text: &str) -> Vec<u8> {
    [sized(0xdb, text.len()), text.as_bytes().to_vec()].concat()
}

fn map(pairs: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let pairs_bytes = pairs.iter().flat_map(|(key, value)| [text(key), value.clone()].concat());
    sized(0xdf, pairs.len()).into_iter().chain(pairs_bytes).collect()
}

fn entry(record: Vec<u8>) -> Vec<u8> {
    [b"\x92\x01".to_vec(), record].concat()
}

pub fn delivery(name: &str, records: &[String]) -> Vec<u8> {
    let entries = records.iter().flat_map(|record| entry(map(&[("log", text(record))])));
    let entries = sized(0xdd, records.len()).into_iter().chain(entries).collect();
    message(entries, &[("chunk", text(name))])
}

fn message(entries: Vec<u8>, options: &[(&str, Vec<u8>)]) -> Vec<u8> {
    [b"\x93".to_vec(), text("web"), entries, map(options)].concat()
}

/// Entries that are gzip or zstd.
fn packed(entries: &[u8]) -> Vec<u8> {
    let entries = [sized(0xc6, entries.len()), entries.to_vec()].concat();
    message(entries, &[("chunk", text("x")), ("compressed", text("gzip"))])
}

pub async fn told(wire: &mut dyn Wire, name: &str) -> Told {
    let ack = map(&[("ack", text(name))]);
    // The map is of one pair and its key of three letters: in as few bytes as they need.
    let ack = [b"\x81\xa3ack", &ack[5 + 5 + 3..]].concat();
    let mut said = vec![0; ack.len()];
    match wire.read_exact(&mut said).await {
        Ok(_) => {
            assert_eq!(said, ack, "{}", said.escape_ascii());
            Told::Taken
        }
        Err(_) => Told::Closed,
    }
}

pub fn garbage(limits: &InputLimits) -> Vec<Garbage> {
    let long = "x".repeat(limits.body_bytes_max + 1);
    let deep = [vec![0x91; 200], vec![0xc0]].concat();
    let deep = [sized(0xdd, 1), entry(map(&[("log", deep)]))].concat();
    let bytes = [
        ("another protocol", b"GET / HTTP/1.1\r\n\r\n".to_vec()),
        ("a hello of TLS", b"\x16\x03\x01\x02\x00\x01".to_vec()),
        ("JSON", b"[\"tag\", 1, {}]".to_vec()),
        ("a message without a record", b"\x92\xa1t\x01".to_vec()),
        ("noise", [b"\xc1".to_vec(), noise(4_000)].concat()),
        ("a delivery too long", delivery("x", &[long])),
        ("a text said to be too long", [&b"\x93"[..], &sized(0xdb, u32::MAX as usize)].concat()),
        ("records too many", delivery("x", &vec![String::new(); limits.records_max + 1])),
        ("records too deep", message(deep, &[("chunk", text("x"))])),
        ("a bomb of gzip", packed(&gzip_bomb())),
        ("a bomb of zstd", packed(&zstd_bomb())),
        ("no gzip, though it says so", packed(b"plain")),
    ];
    bytes.into_iter().map(|(what, bytes)| Garbage::new(what, bytes, Told::Closed)).collect()
}
