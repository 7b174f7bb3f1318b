//! Senders over real connections: what they are told, and when.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use expect_test::expect;
use kura_core::clock::FixedClock;
use kura_core::intake::{Delivery, Intake, MemoryIntake, Refused, Taken};
use sha2::{Digest, Sha512};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::super::{Input, InputContext, InputLimits};
use super::forward_tests::{DOCKER, DOCKER_PART, hex, pack};
use super::server::{Patience, serve_patiently};
use super::{Settings, StartError, Tls};

const PATIENT: Patience =
    Patience { drain: Duration::from_secs(600), after_failure: Duration::ZERO };

/// An input that listens.
struct Served {
    at: SocketAddr,
    context: InputContext,
    settings: watch::Sender<Settings>,
    ended: JoinHandle<Result<(), StartError>>,
}

impl Served {
    async fn with(
        intake: Arc<dyn Intake>,
        settings: Settings,
        limits: InputLimits,
        patience: Patience,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let at = listener.local_addr().expect("an address");
        let clock = Arc::new(FixedClock::at(0));
        let context =
            InputContext::new(Input::Forward, limits, intake, clock, CancellationToken::new());
        let served = context.clone();
        let (settings, told) = watch::channel(settings);
        let ended =
            tokio::spawn(async move { serve_patiently(listener, told, served, patience).await });
        Served { at, context, settings, ended }
    }

    async fn to(intake: Arc<dyn Intake>) -> Self {
        Self::with(intake, Settings::default(), InputLimits::default(), PATIENT).await
    }

    async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.at).await.expect("a connection");
        stream.set_nodelay(true).expect("an option");
        stream
    }

    async fn stop(self) {
        self.context.stop.cancel();
        self.ended.await.expect("no panic").expect("no error");
    }

    fn invalid(&self) -> u64 {
        self.context.counters().invalid.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// An intake that hands every delivery to the test, which says what becomes of it.
#[derive(Debug)]
struct Asking(mpsc::UnboundedSender<(Delivery, oneshot::Sender<Result<Taken, Refused>>)>);

type Asked = mpsc::UnboundedReceiver<(Delivery, oneshot::Sender<Result<Taken, Refused>>)>;

fn asking() -> (Arc<Asking>, Asked) {
    let (sender, receiver) = mpsc::unbounded_channel();
    (Arc::new(Asking(sender)), receiver)
}

#[async_trait]
impl Intake for Asking {
    async fn take(&self, delivery: Delivery) -> Result<Taken, Refused> {
        let (answer, answered) = oneshot::channel();
        self.0.send((delivery, answer)).map_err(|_| Refused::Closing)?;
        answered.await.unwrap_or(Err(Refused::Closing))
    }
}

fn message(log: &str, chunk: &str) -> Vec<u8> {
    pack(&format!(r#"["tag", 1, {{"log": "{log}"}}, {{"chunk": "{chunk}"}}]"#))
}

async fn send(stream: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) {
    stream.write_all(bytes).await.expect("written");
    stream.flush().await.expect("written");
}

async fn expect_ack(stream: &mut (impl AsyncRead + Unpin), chunk: &str) {
    let mut ack = vec![0; pack(&format!(r#"{{"ack": "{chunk}"}}"#)).len()];
    stream.read_exact(&mut ack).await.expect("an ack");
    assert_eq!(ack, pack(&format!(r#"{{"ack": "{chunk}"}}"#)), "{}", ack.escape_ascii());
}

/// Nothing more comes: the connection was closed, one way or the other.
async fn expect_closed(stream: &mut (impl AsyncRead + Unpin)) {
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest).await;
    assert_eq!(rest.escape_ascii().to_string(), "");
}

fn lines(taken: &[Delivery]) -> String {
    let line = |delivery: &Delivery| {
        let records =
            delivery.records.iter().map(|r| String::from_utf8_lossy(r.bytes).into_owned());
        let records = records.collect::<Vec<_>>().join(" ");
        format!("{} {} {:?} {records}\n", delivery.input, delivery.stream, delivery.key)
    };
    taken.iter().map(line).collect()
}

#[tokio::test]
async fn docker_is_served_with_and_without_ack() {
    let intake = Arc::new(MemoryIntake::default());
    let served = Served::to(intake.clone()).await;
    let mut docker = served.connect().await;
    send(&mut docker, &hex(DOCKER)).await;
    send(&mut docker, &hex(DOCKER_PART)).await;
    expect_ack(&mut docker, "NDQ4ZWYxYjAtNmE0Zg==").await;
    expect![[r#"
        forward docker.4f1c0a3f9b2d None {"container_id":"4f1c0a3f9b2d","container_name":"/shop","source":"stdout","log":"GET /cart 200"}
        forward docker.4f1c0a3f9b2d Some("127.0.0.1 docker.4f1c0a3f9b2d NDQ4ZWYxYjAtNmE0Zg==") {"container_id":"4f1c0a3f9b2d","container_name":"/shop","source":"stdout","log":"GET /cart 200","partial_message":"true","partial_id":"9c1e","partial_ordinal":"1","partial_last":"false"}
    "#]].assert_eq(&lines(&intake.taken()));
    served.stop().await;
    expect_closed(&mut docker).await;
}

#[tokio::test]
async fn an_ack_comes_after_the_delivery_was_taken_and_not_before() {
    let (intake, mut asked) = asking();
    let served = Served::to(intake).await;
    let mut sender = served.connect().await;
    send(&mut sender, &[message("one", "1"), message("two", "2")].concat()).await;
    let (_, answer) = asked.recv().await.expect("a delivery");
    let early = sender.try_read(&mut [0; 64]).map_err(|error| error.kind());
    assert_eq!(early, Err(std::io::ErrorKind::WouldBlock));
    // Nor is the next one read before.
    assert!(asked.try_recv().is_err());
    answer.send(Ok(Taken::Stored)).expect("somebody waits");
    expect_ack(&mut sender, "1").await;
    let (_, answer) = asked.recv().await.expect("a delivery");
    answer.send(Ok(Taken::Known)).expect("somebody waits");
    expect_ack(&mut sender, "2").await;
    served.stop().await;
}

#[tokio::test]
async fn what_is_refused_is_not_acknowledged_and_the_connection_closed() {
    let refusals = [
        (Refused::Busy, 0),
        (Refused::Closing, 0),
        (Refused::Failed("full".to_owned()), 0),
        (Refused::TooLarge("too large".to_owned()), 1),
    ];
    for (refusal, invalid) in refusals {
        let intake = Arc::new(MemoryIntake::default());
        intake.refuse([refusal.clone(), refusal]);
        let served = Served::to(intake.clone()).await;
        for bytes in [message("a", "1"), hex(DOCKER)] {
            let mut sender = served.connect().await;
            send(&mut sender, &bytes).await;
            expect_closed(&mut sender).await;
        }
        let mut sender = served.connect().await;
        send(&mut sender, &message("a", "1")).await;
        expect_ack(&mut sender, "1").await;
        assert_eq!(intake.taken().len(), 1);
        assert_eq!(served.invalid(), 2 * invalid);
        served.stop().await;
    }
}

#[tokio::test]
async fn a_chunk_sent_again_is_acknowledged_and_kept_once() {
    let intake = Arc::new(MemoryIntake::default());
    let served = Served::to(intake.clone()).await;
    for _ in 0..2 {
        let mut sender = served.connect().await;
        send(&mut sender, &message("a", "1")).await;
        expect_ack(&mut sender, "1").await;
    }
    let mut sender = served.connect().await;
    // The same content under another tag has the same chunk with some senders.
    send(&mut sender, &pack(r#"["other", 1, {"log": "a"}, {"chunk": "1"}]"#)).await;
    expect_ack(&mut sender, "1").await;
    // And an empty one is no name, yet is wanted back.
    for _ in 0..2 {
        send(&mut sender, &message("b", "")).await;
        expect_ack(&mut sender, "").await;
    }
    expect![[r#"
        forward tag Some("127.0.0.1 tag 1") {"log":"a"}
        forward other Some("127.0.0.1 other 1") {"log":"a"}
        forward tag None {"log":"b"}
        forward tag None {"log":"b"}
    "#]]
    .assert_eq(&lines(&intake.taken()));
    served.stop().await;
}

#[tokio::test]
async fn messages_without_ack_that_lie_together_are_one_delivery() {
    let (intake, mut asked) = asking();
    let served = Served::to(intake).await;
    let mut sender = served.connect().await;
    let line = |tag: &str, n: u32| pack(&format!(r#"["{tag}", {n}, {{"n": {n}}}]"#));
    let chunked = pack(r#"["a", [[5, {"n": 5}]], {"chunk": "5"}]"#);
    let all = [
        line("a", 1),
        line("a", 2),
        b"\xc0".to_vec(),
        line("a", 3),
        line("b", 4),
        chunked,
        line("a", 6),
    ];
    send(&mut sender, &[all.concat(), b"\xc1".to_vec()].concat()).await;
    let mut taken = Vec::new();
    while taken.len() < 4 {
        let (delivery, answer) = asked.recv().await.expect("a delivery");
        taken.push(delivery);
        answer.send(Ok(Taken::Stored)).expect("somebody waits");
    }
    // What is no message ends the connection after those before it.
    expect![[r#"
        forward a None {"n":1} {"n":2} {"n":3}
        forward b None {"n":4}
        forward a Some("127.0.0.1 a 5") {"n":5}
        forward a None {"n":6}
    "#]]
    .assert_eq(&lines(&taken));
    expect_ack(&mut sender, "5").await;
    expect_closed(&mut sender).await;
    assert_eq!(served.invalid(), 1);
    served.stop().await;
}

#[tokio::test]
async fn a_slow_store_slows_its_senders() {
    let (intake, mut asked) = asking();
    let served = Served::to(intake).await;
    let sender = served.connect().await;
    let line = pack(&format!(r#"["tag", 1, {{"log": "{}"}}]"#, "x".repeat(60_000)));
    let (mut written, mut at) = (0, 0);
    for _ in 0..5_000 {
        if let Ok(count) = sender.try_write(&line[at..]) {
            (written, at) = (written + count, (at + count) % line.len());
        }
        tokio::task::yield_now().await;
    }
    // The kernel takes some on the way.
    assert!(written < 64 << 20, "{written}");
    let (delivery, _answer) = asked.recv().await.expect("a delivery");
    assert!(delivery.records.bytes() < 2 << 20);
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn a_message_may_come_byte_by_byte() {
    let intake = Arc::new(MemoryIntake::default());
    let served = Served::to(intake.clone()).await;
    let mut sender = served.connect().await;
    for byte in hex(DOCKER_PART) {
        send(&mut sender, &[byte]).await;
        tokio::task::yield_now().await;
    }
    expect_ack(&mut sender, "NDQ4ZWYxYjAtNmE0Zg==").await;
    // And in large pieces, with a buffer that grows and is given back.
    let large = message(&"x".repeat(900_000), "large");
    for _ in 0..3 {
        send(&mut sender, &large).await;
        expect_ack(&mut sender, "large").await;
    }
    assert_eq!(intake.taken().len(), 2);
    served.stop().await;
}

#[tokio::test]
async fn the_end_does_not_wait_for_ever() {
    let (intake, mut asked) = asking();
    let patience = Patience { drain: Duration::from_millis(20), ..PATIENT };
    let served = Served::with(intake, Settings::default(), InputLimits::default(), patience).await;
    let mut sender = served.connect().await;
    send(&mut sender, &message("a", "1")).await;
    let (_, _unanswered) = asked.recv().await.expect("a delivery");
    served.stop().await;
    expect_closed(&mut sender).await;
}

#[tokio::test]
async fn heartbeats_over_udp_are_answered_with_a_byte() {
    let served = Served::to(Arc::new(MemoryIntake::default())).await;
    let mut sender = served.connect().await;
    // Who takes connections listens for heartbeats.
    send(&mut sender, &message("a", "1")).await;
    expect_ack(&mut sender, "1").await;
    let socket = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
    for request in [&b"\0"[..], b"much more"] {
        socket.send_to(request, served.at).await.expect("sent");
        let mut answer = [7; 8];
        assert_eq!(socket.recv(&mut answer).await.expect("an answer"), 1);
        assert_eq!(answer[0], 0);
    }
    served.stop().await;
}

/// What a sender with a key does, up to the PONG's second value. `{}` is HELO's nonce.
async fn shake_hands(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), key: &str) -> bool {
    let mut helo = vec![0; 48];
    stream.read_exact(&mut helo).await.expect("HELO");
    assert_eq!(&helo[..15], b"\x92\xa4HELO\x83\xa5nonce\xc4\x10");
    let digest = |name: &str| {
        let parts = [b"salt", name.as_bytes(), &helo[15..31], key.as_bytes()];
        let digest = Sha512::digest(parts.concat());
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    send(stream, &pack(&format!(r#"["PING", "shop", "salt", "{}", "", ""]"#, digest("shop"))))
        .await;
    let mut pong = vec![0; 7];
    stream.read_exact(&mut pong).await.expect("PONG");
    let is_let_in = pong == b"\x95\xa4PONG\xc3";
    let expected = match is_let_in {
        true => pack(&format!(r#"["", "kura", "{}"]"#, digest("kura"))),
        false => pack(r#"["shared_key mismatch", "", ""]"#),
    };
    let mut rest = vec![0; expected.len() - 1];
    stream.read_exact(&mut rest).await.expect("PONG");
    assert_eq!(rest, &expected[1..]);
    is_let_in
}

#[tokio::test]
async fn who_does_not_know_the_key_is_not_served() {
    let settings = Settings { shared_key: Some("open sesame".to_owned()), ..Settings::default() };
    let intake = Arc::new(MemoryIntake::default());
    let served = Served::with(intake.clone(), settings, InputLimits::default(), PATIENT).await;
    let mut wrong = served.connect().await;
    assert!(!shake_hands(&mut wrong, "open sesam").await);
    expect_closed(&mut wrong).await;
    let mut none = served.connect().await;
    send(&mut none, &message("a", "1")).await;
    none.read_exact(&mut [0; 48]).await.expect("HELO");
    expect_closed(&mut none).await;
    assert_eq!(served.invalid(), 2);
    assert!(intake.taken().is_empty());
    let mut right = served.connect().await;
    assert!(shake_hands(&mut right, "open sesame").await);
    // A PING is small; a message need not be.
    send(&mut right, &message(&"x".repeat(20_000), "1")).await;
    expect_ack(&mut right, "1").await;
    served.stop().await;
}

fn testdata(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src/inputs/forward/testdata").join(name)
}

fn tls(certificate: &str, key: &str) -> Settings {
    let tls = Tls { certificate: testdata(certificate), key: testdata(key) };
    let shared_key = Some("open sesame".to_owned());
    Settings { tls: Some(tls), shared_key, ..Settings::default() }
}

#[tokio::test]
async fn messages_come_by_tls() {
    use tokio_rustls::rustls::crypto::ring;
    use tokio_rustls::rustls::pki_types::pem::PemObject;
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
    use tokio_rustls::rustls::{ClientConfig, RootCertStore};

    let intake = Arc::new(MemoryIntake::default());
    let settings = tls("localhost.pem", "localhost.key.pem");
    let served = Served::with(intake.clone(), settings, InputLimits::default(), PATIENT).await;
    let mut roots = RootCertStore::empty();
    let certificate = CertificateDer::from_pem_file(testdata("localhost.pem")).expect("PEM");
    roots.add(certificate).expect("a certificate");
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("localhost").expect("a name");
    let connector = tokio_rustls::TlsConnector::from(Arc::new(config));
    let stream = served.connect().await;
    let mut sender = connector.connect(name, stream).await.expect("a handshake");
    assert!(shake_hands(&mut sender, "open sesame").await);
    send(&mut sender, &message("a", "1")).await;
    expect_ack(&mut sender, "1").await;
    // In plain text nothing is taken.
    let mut plain = served.connect().await;
    send(&mut plain, &message("b", "2")).await;
    let mut alert = Vec::new();
    let _ = plain.read_to_end(&mut alert).await;
    assert!(alert.len() < 16);
    assert_eq!(intake.taken().len(), 1);
    served.stop().await;
}

#[tokio::test]
async fn a_certificate_that_cannot_be_read_is_an_error_at_the_start() {
    let mut errors = String::new();
    for (certificate, key) in [
        ("none.pem", "localhost.key.pem"),
        ("localhost.pem", "none.pem"),
        ("localhost.key.pem", "localhost.key.pem"),
        ("localhost.pem", "localhost.pem"),
    ] {
        let intake = Arc::new(MemoryIntake::default());
        let served =
            Served::with(intake, tls(certificate, key), InputLimits::default(), PATIENT).await;
        let error = served.ended.await.expect("no panic").expect_err("no start").to_string();
        errors.push_str(&error.replace(&testdata("").display().to_string(), ""));
        errors.push('\n');
    }
    expect![[r#"
        cannot read the certificate `none.pem`: I/O error: No such file or directory (os error 2)
        cannot read the key `none.pem`: I/O error: No such file or directory (os error 2)
        cannot read the certificate `localhost.key.pem`: no certificate in it
        cannot read the key `localhost.pem`: no items found
    "#]]
    .assert_eq(&errors);
}

#[tokio::test]
async fn who_connects_later_is_held_to_settings_that_changed() {
    let served = Served::to(Arc::new(MemoryIntake::default())).await;
    let with = |shared_key: &str| {
        let shared_key = Some(shared_key.to_owned());
        Settings { shared_key, ..Settings::default() }
    };
    // An empty key is refused: the one before it holds.
    for key in ["open sesame", ""] {
        served.settings.send_replace(with(key));
        let mut greeting = [0; 6];
        served.connect().await.read_exact(&mut greeting).await.expect("a greeting");
        assert_eq!(&greeting, b"\x92\xa4HELO");
    }
}
