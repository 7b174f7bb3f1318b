//! An input at work, and senders that are connected to it.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use futures::poll;
use kura_core::clock::FixedClock;
use kura_core::intake::MemoryIntake;
use kura_ingest::inputs::room::Room;
use kura_ingest::inputs::{InputContext, InputCounters, InputLimits};
use serde::de::DeserializeOwned;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::{JoinHandle, yield_now};
use tokio_util::sync::CancellationToken;

use crate::speakers::{Speaker, Told};

/// What hangs, hangs: a guard, and nothing that is measured.
const HANGS: Duration = Duration::from_secs(120);

/// So often somebody else may go on, before nothing is taken to happen any more.
const TURNS: usize = 2_000;

/// A connection, whatever carries it.
pub trait Wire: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Wire for T {}

pub struct World {
    pub speaker: Speaker,
    pub context: InputContext,
    pub intake: Arc<MemoryIntake>,
    at: SocketAddr,
    ended: JoinHandle<()>,
}

pub struct Sender {
    speaker: Speaker,
    wire: Box<dyn Wire>,
}

/// An intake before which deliveries wait for permits.
pub fn gated() -> (Arc<MemoryIntake>, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let mut intake = MemoryIntake::default();
    intake.gate = Some(gate.clone());
    (Arc::new(intake), gate)
}

pub fn records(numbers: std::ops::Range<u32>) -> Vec<String> {
    numbers.map(|number| format!("record {number}")).collect()
}

impl World {
    pub async fn new(speaker: Speaker, intake: Arc<MemoryIntake>, limits: InputLimits) -> Self {
        Self::within(speaker, intake, limits, Room::default()).await
    }

    pub async fn within(
        speaker: Speaker,
        intake: Arc<MemoryIntake>,
        limits: InputLimits,
        room: Room,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let (clock, stop) = (Arc::new(FixedClock::at(0)), CancellationToken::new());
        let context = InputContext::new(speaker.input(), limits, intake.clone(), clock, stop);
        let context = context.within(room);
        let ended = speaker.serve(listener, context.clone());
        World { speaker, context, intake, at, ended }
    }

    /// `None` where the connection is closed before the first word.
    pub async fn connect(&self) -> Option<Sender> {
        let stream = TcpStream::connect(self.at).await.ok()?;
        stream.set_nodelay(true).ok()?;
        let wire = self.speaker.greet(stream).await?;
        Some(Sender { speaker: self.speaker, wire })
    }

    /// One that is served.
    pub async fn sender(&self) -> Sender {
        self.connect().await.unwrap_or_else(|| panic!("{:?}: not let in", self.speaker))
    }

    /// What a sender is told that sends this over a connection of its own.
    pub async fn told(&self, name: &str, records: &[String]) -> Told {
        match self.connect().await {
            Some(mut sender) => sender.deliver(name, records).await,
            None => Told::Closed,
        }
    }

    /// Texts of all records that were taken, in their order.
    pub fn taken(&self) -> Vec<String> {
        let deliveries = self.intake.taken();
        let records = deliveries.iter().flat_map(|delivery| delivery.records.iter());
        let text = |bytes| String::from_utf8(Vec::from(bytes)).expect("text");
        let records = records.map(|record| text(record.bytes));
        // Texts are themselves, all else is an object with them.
        let inner = |record: String| {
            let log = record.strip_prefix("{\"log\":\"").and_then(|log| log.strip_suffix("\"}"));
            log.map_or_else(|| record.clone(), str::to_owned)
        };
        records.map(inner).collect()
    }

    pub fn count(&self, of: fn(&InputCounters) -> &AtomicU64) -> u64 {
        of(self.context.counters()).load(Ordering::Relaxed)
    }

    /// Waits until so many deliveries stand before the gate.
    pub async fn until_waiting(&self, deliveries: usize) {
        self.until(|world| world.intake.waiting().deliveries == deliveries).await;
    }

    pub async fn until(&self, is_so: impl Fn(&World) -> bool) {
        let waiting = async {
            while !is_so(self) {
                yield_now().await;
            }
        };
        let waited = tokio::time::timeout(HANGS, waiting).await;
        assert!(waited.is_ok(), "{:?}: it does not come", self.speaker);
    }

    /// Waits until it ended of itself.
    pub async fn ended(self) {
        let ended = tokio::time::timeout(HANGS, self.ended).await;
        ended.expect("it ends").expect("no panic");
    }

    pub async fn stop(self) {
        self.context.stop.cancel();
        self.ended().await;
    }
}

impl Sender {
    pub async fn send(&mut self, bytes: &[u8]) {
        // Whoever is not listened to any more may hear so while it speaks.
        let _ = self.wire.write_all(bytes).await;
        let _ = self.wire.flush().await;
    }

    pub async fn begin(&mut self, name: &str, records: &[String]) {
        self.send(&self.speaker.delivery(name, records)).await;
    }

    pub async fn told(&mut self, name: &str) -> Told {
        let told = tokio::time::timeout(HANGS, self.speaker.told(&mut *self.wire, name)).await;
        told.unwrap_or_else(|_| panic!("{:?}: no answer", self.speaker))
    }

    pub async fn deliver(&mut self, name: &str, records: &[String]) -> Told {
        self.begin(name, records).await;
        self.told(name).await
    }

    /// Says that nothing more comes.
    pub async fn end(&mut self) {
        let _ = self.wire.shutdown().await;
    }

    /// Whether nothing is said to it, however often others go on.
    pub async fn hears_nothing(&mut self) -> bool {
        let mut byte = [0];
        let mut read = std::pin::pin!(self.wire.read(&mut byte));
        for _ in 0..TURNS {
            if poll!(read.as_mut()).is_ready() {
                return false;
            }
            yield_now().await;
        }
        true
    }

    /// Writes until nobody takes any more, and says how much was taken.
    pub async fn write_until_stopped(&mut self, bytes: &[u8], most: usize) -> usize {
        let mut written = 0;
        while written < most {
            let mut write = std::pin::pin!(self.wire.write(&bytes[written % bytes.len()..]));
            let mut turns = 0;
            let now = loop {
                if let std::task::Poll::Ready(result) = poll!(write.as_mut()) {
                    break result.expect("open");
                }
                turns += 1;
                if turns > TURNS {
                    return written;
                }
                yield_now().await;
            };
            written += now;
        }
        written
    }
}

/// `[inputs.NAME]` of the example that people start with.
pub fn section<T: DeserializeOwned>(name: &str) -> T {
    let ours = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let file = ours.join("../../examples/inputs").join(format!("{name}.toml"));
    let text = std::fs::read_to_string(&file).unwrap_or_else(|_| panic!("{}", file.display()));
    let mut config: toml::Table = toml::from_str(&text).expect("TOML");
    let inputs = config.remove("inputs").expect("[inputs]");
    let section = inputs.get(name).unwrap_or_else(|| panic!("[inputs.{name}]")).clone();
    section.try_into().expect("settings")
}

/// Numbers without meaning, the same each time.
pub fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..bytes).map(|_| byte()).collect()
}

/// 8 MiB of one letter.
pub fn gzip_bomb() -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&vec![b'x'; 8 << 20]).expect("to memory");
    encoder.finish().expect("to memory")
}

/// The same in zstd, by hand: 64 blocks that are one byte 128 KiB long.
pub fn zstd_bomb() -> Vec<u8> {
    // A window of 1 MiB, and no size that would tell.
    let mut bomb = b"\x28\xb5\x2f\xfd\x00\x50".to_vec();
    for block in 1..=64_u32 {
        let header = u32::from(block == 64) | 1 << 1 | (128 << 10) << 3;
        bomb.extend_from_slice(&header.to_le_bytes()[..3]);
        bomb.push(b'x');
    }
    bomb
}
