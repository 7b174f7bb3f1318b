//! Events over HTTP, in each form in which they may come.

use std::sync::{Arc, LazyLock};

use kura_core::clock::SystemClock;
use kura_core::intake::Refused;
use kura_core::memory::MemoryPlan;
use kura_core::size::ByteSize;
use kura_core::storage::SyncedStore;
use kura_ingest::Work;
use kura_ingest::inputs::http::HttpSettings;
use kura_ingest::inputs::{InputContext, InputLimits};
use kura_ingest::streams::{StreamOptions, StreamWatch, Streams};
use kura_query::Engine;
use kura_server::{HttpIntake, Kura, Limits, Ways};
use kura_store::{Lake, Location};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::speakers::{Garbage, Told};
use crate::world::{Wire, gzip_bomb, noise, section, zstd_bomb};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Json,
    Lines,
    Text,
    /// A page of another site, with a browser key.
    Page,
}

/// The lake beside which the server stands; nobody asks it anything here.
static BESIDE: LazyLock<(Engine, StreamWatch)> = LazyLock::new(|| {
    let opened = std::thread::spawn(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let store = Arc::new(SyncedStore::default());
            let location = Location::folder_on(folder.path(), store).expect("a folder");
            let lake = Lake::open_or_create(location, Arc::new(SystemClock)).await.expect("a lake");
            let memory = MemoryPlan::new(Some(ByteSize(64 << 20)));
            let options = StreamOptions::new(Work::new(memory));
            let streams = Streams::start(&lake, options).await.expect("a start");
            let watch = streams.watched().clone();
            streams.drain().await;
            (Engine::new(lake, 64 << 20, 1).expect("an engine"), watch)
        })
    });
    opened.join().expect("a lake")
});

pub fn serve(listener: TcpListener, context: InputContext) -> JoinHandle<()> {
    // It blocks for a moment, the first time.
    let (engine, stream) = BESIDE.clone();
    let stop = context.stop.clone();
    let kura = Kura::new(engine, Arc::new(SystemClock), Limits::default());
    let http = HttpIntake::new(context.clone(), section("http"));
    kura.open(Ways { inputs: vec![context], http, stream });
    tokio::spawn(async move {
        kura_server::serve(kura, listener, stop.cancelled_owned()).await.expect("served");
    })
}

impl Kind {
    pub const ALL: [Kind; 4] = [Kind::Json, Kind::Lines, Kind::Text, Kind::Page];

    pub fn delivery(self, name: &str, records: &[String]) -> Vec<u8> {
        self.request(&[("Idempotency-Key", name)], &self.body(records))
    }

    fn body(self, records: &[String]) -> Vec<u8> {
        let object = |record: &String| format!("{{\"log\":\"{record}\"}}");
        let objects = || records.iter().map(object).collect::<Vec<_>>();
        match self {
            Kind::Json => format!("[{}]", objects().join(",\n")).into_bytes(),
            Kind::Lines | Kind::Page => objects().join("\n").into_bytes(),
            Kind::Text => records.join("\n").into_bytes(),
        }
    }

    fn request(self, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
        let length = ("Content-Length", &*body.len().to_string());
        [self.head("web", &[headers, &[length]].concat()), body.to_vec()].concat()
    }

    fn head(self, stream: &str, headers: &[(&str, &str)]) -> Vec<u8> {
        let settings: HttpSettings = section("http");
        let browser = &settings.browser_key[0];
        assert_eq!(browser.streams, ["web"]);
        let key = browser.key.replace(' ', "%20");
        let (media_type, query) = match self {
            Kind::Json => ("application/json", String::new()),
            Kind::Lines => ("application/x-ndjson", String::new()),
            Kind::Text => ("text/plain", String::new()),
            Kind::Page => ("text/plain", format!("?key={key}")),
        };
        let mut head = format!(
            "POST /api/v1/ingest/{stream}{query} HTTP/1.1\r\nHost: localhost\r\n\
             Content-Type: {media_type}\r\n"
        );
        if self == Kind::Page {
            head += &format!("Origin: {}\r\nSec-Fetch-Site: cross-site\r\n", browser.origins[0]);
        }
        headers.iter().for_each(|(name, value)| head += &format!("{name}: {value}\r\n"));
        (head + "\r\n").into_bytes()
    }

    pub fn garbage(self, limits: &InputLimits) -> Vec<Garbage> {
        let long = vec![b'x'; limits.body_bytes_max + 1];
        let chunked = [
            self.head("web", &[("Transfer-Encoding", "chunked")]),
            format!("{:x}\r\n", long.len()).into_bytes(),
            long.clone(),
            b"\r\n0\r\n\r\n".to_vec(),
        ];
        let many = self.body(&vec!["x".to_owned(); limits.records_max + 1]);
        let encoded = |name, body: &[u8]| self.request(&[("Content-Encoding", name)], body);
        let length = [("Content-Length", "0")];
        let bytes = [
            ("a delivery too long", self.request(&[], &long), "413"),
            ("a delivery that does not say how long it is", chunked.concat(), "413"),
            ("records too many", self.request(&[], &many), "413"),
            ("a bomb of gzip", encoded("gzip", &gzip_bomb()), "413"),
            ("a bomb of zstd", encoded("zstd", &zstd_bomb()), "413"),
            ("no gzip, though it says so", encoded("gzip", b"plain"), "400"),
            ("an encoding that nobody knows", encoded("br", b"plain"), "415"),
            ("a stream of no name", self.head("a%20b", &length), self.of_key("400")),
        ];
        let mut all: Vec<Garbage> = bytes
            .into_iter()
            .map(|(what, bytes, status)| Garbage::new(what, bytes, Told::Never(status)))
            .collect();
        for (what, bytes) in [
            ("another protocol", b"\x93\xa3web\x90\x80\r\n\r\n".to_vec()),
            ("noise", [noise(4_000), b"\r\n\r\n".to_vec()].concat()),
        ] {
            let told = Told::Never("400");
            all.push(Garbage { is_counted: false, ..Garbage::new(what, bytes, told) });
        }
        if self == Kind::Json {
            let deep = [vec![b'['; 200], vec![b']'; 200]].concat();
            for (what, body) in [
                ("records too deep", &deep[..]),
                ("no JSON", b"plain"),
                ("a list that breaks off", b"[{\"log\":1},{"),
            ] {
                all.push(Garbage::new(what, self.request(&[], body), Told::Never("400")));
            }
        }
        if self == Kind::Page {
            let bytes = self.head("other", &length);
            all.push(Garbage::new("a stream of others", bytes, Told::Never("403")));
        }
        all
    }

    /// A key does not say why it may not write.
    fn of_key(self, status: &'static str) -> &'static str {
        if self == Kind::Page { "403" } else { status }
    }
}

pub async fn told(wire: &mut dyn Wire) -> Told {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match wire.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return Told::Closed,
        }
    }
    let head = String::from_utf8(head).expect("a head").to_ascii_lowercase();
    let value = |name: &str| head.split_once(name).and_then(|(_, rest)| rest.lines().next());
    let length = value("content-length: ").map_or(0, |length| length.parse().expect("a length"));
    wire.read_exact(&mut vec![0; length]).await.expect("a body");
    let is_to_retry = value("retry-after: ").is_some();
    let status = head.split(' ').nth(1).expect("a status");
    let status = ["200", "400", "403", "408", "413", "415", "429", "503"]
        .into_iter()
        .find(|known| *known == status)
        .unwrap_or_else(|| panic!("{head}"));
    match status {
        "200" => Told::Taken,
        _ if is_to_retry => Told::Later(status),
        _ => Told::Never(status),
    }
}

pub fn words_for(refused: &Refused) -> Told {
    match refused {
        Refused::Busy => Told::Later("429"),
        Refused::Closing | Refused::Failed(_) => Told::Later("503"),
        Refused::TooLarge(_) => Told::Never("413"),
    }
}
