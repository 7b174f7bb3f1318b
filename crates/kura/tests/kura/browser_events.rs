//! A page in a real browser that carries `examples/browser/kura.js`, served from another origin
//! than Kura's: its events arrive, and a page of a site that has no key writes nothing.
//! `cargo xtask test` names the browser in `KURA_CHROMIUM`.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use serde_json::json;

use crate::node::{Node, Settings};
use crate::program::text;

const SCRIPT: &str = include_str!("../../../../examples/browser/kura.js");
const KEY: &str = "a-key-that-only-writes";
/// A browser that has done nothing by then hangs.
const HANGS: Duration = Duration::from_secs(120);
const ARGS: [&str; 9] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
];

/// A site: its pages, and what they say when they are done.
struct Site {
    origin: String,
    said: Receiver<String>,
    give: Sender<Vec<(&'static str, String)>>,
}

impl Site {
    /// Listens; pages come later, since they name what is started with the site's origin.
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        // The name makes it another site than the address does.
        let origin = format!("http://localhost:{}", listener.local_addr().expect("bound").port());
        let (says, said) = channel();
        let (give, given) = channel();
        std::thread::spawn(move || {
            let Ok(pages) = given.recv() else { return };
            let pages: Arc<Vec<(&str, String)>> = Arc::new(pages);
            // Browsers open connections that they may use later: each has a thread.
            for stream in listener.incoming().map_while(Result::ok) {
                let (pages, says) = (pages.clone(), says.clone());
                std::thread::spawn(move || answer(&stream, &pages, &says));
            }
        });
        Site { origin, said, give }
    }

    fn serve(&self, pages: Vec<(&'static str, String)>) {
        self.give.send(pages).expect("it waits for them");
    }

    fn said(&self) -> String {
        self.said.recv_timeout(HANGS).expect("the page says that it is done")
    }
}

/// Answers requests for pages; `/done?WHAT` is what a page says.
fn answer(mut stream: &TcpStream, pages: &[(&str, String)], says: &Sender<String>) -> Option<()> {
    let mut lines = BufReader::new(stream.try_clone().ok()?);
    loop {
        let mut request = String::new();
        while !request.ends_with("\r\n\r\n") {
            if lines.read_line(&mut request).ok()? == 0 {
                return None;
            }
        }
        let path = request.split(' ').nth(1)?;
        let page = pages.iter().find(|(name, _)| *name == path).map(|(_, page)| page.as_str());
        let (status, kind, body) = match (path, page) {
            ("/kura.js", _) => ("200 OK", "text/javascript", SCRIPT),
            (_, Some(page)) => ("200 OK", "text/html; charset=utf-8", page),
            _ => ("404 Not Found", "text/plain", ""),
        };
        if let Some(what) = path.strip_prefix("/done?") {
            let _ = says.send(what.to_owned());
        }
        let length = body.len();
        let head = format!(
            "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).ok()?;
    }
}

/// A browser that shows a page until it is dropped.
struct Browser(Child);

impl Browser {
    fn open(program: &std::ffi::OsStr, profile: &Path, url: &str) -> Self {
        let profile = format!("--user-data-dir={}", text(profile));
        let mut command = Command::new(program);
        command.args(ARGS).args([&profile, url]);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Browser(command.spawn().expect("the browser runs"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// `None`, and said so, where there is none.
fn browser() -> Option<std::ffi::OsString> {
    let named = std::env::var_os("KURA_CHROMIUM");
    if named.is_none() {
        eprintln!("skipped: `cargo xtask test` finds Chromium and sets KURA_CHROMIUM");
    }
    named
}

/// A server that takes events of pages of one origin.
fn node(folder: &Path, origin: &str) -> Node {
    let more = format!(
        "[[inputs.http.browser_key]]\nkey = \"{KEY}\"\norigins = [\"{origin}\"]\nstreams = [\"web\"]\n"
    );
    Node::start(folder, Settings { more, ..Settings::default() })
}

fn page(script: &str) -> String {
    format!(
        "<!doctype html><meta charset=\"utf-8\"><title>A shop</title>\
         <script src=\"/kura.js\"></script><script>{script}</script>"
    )
}

#[test]
fn a_pages_events_arrive() {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let site = Site::new();
    let node = node(&folder.path().join("node"), &site.origin);
    // The view and 49 more are a batch, which is sent at once; what comes then leaves as a
    // beacon, with the page.
    let script = format!(
        "kura({{ url: 'http://{}', key: '{KEY}', stream: 'web' }})
        for (let n = 1; n < 50; n++) kura.send({{ event: 'click', button: '買う', n, basket: {{ items: n }} }})
        for (let n = 50; n < 53; n++) kura.send({{ event: 'click', n }})
        addEventListener('error', () => location.href = '/left?of=it')
        addEventListener('load', () => {{ throw new Error('this basket has no bottom') }})",
        node.http
    );
    let left = page("fetch('/done?left')");
    site.serve(vec![("/shop?card=4111", page(&script)), ("/left?of=it", left)]);
    let url = format!("{}/shop?card=4111", site.origin);
    let _browser = Browser::open(&chromium, &folder.path().join("profile"), &url);
    assert_eq!(site.said(), "left");
    let text_of = |name: &str| format!("json_get_text(record, '{name}')");
    let counts = format!(
        "select count(*), count(distinct {n}), count(distinct {session}), sum(cast({n} as bigint)), \
         count(distinct {page}), max({page}) from jsonlog",
        n = text_of("n"),
        session = text_of("session"),
        page = text_of("page"),
    );
    let sum: u32 = (1..53).sum();
    node.until(&counts, &json!([54, 52, 1, sum, 1, "/shop"]));
    let by_event = "select json_get_text(record, 'event') as event, level, count(*), max(message), \
        max(json_get_text(record, 'button')) from jsonlog group by 1, 2 order by 1";
    let rows = node.sql(by_event);
    assert_eq!(rows[0], json!(["click", "info", 52, "click", "買う"]));
    assert_eq!(rows[1][2], 1, "{rows:?}");
    assert!(
        rows[1][3].as_str().is_some_and(|m| m.contains("this basket has no bottom")),
        "{rows:?}"
    );
    assert_eq!(rows[2], json!(["view", "info", 1, "view", null]));
}

#[test]
fn a_page_of_another_site_writes_nothing() {
    let Some(chromium) = browser() else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (shop, evil) = (Site::new(), Site::new());
    let node = node(&folder.path().join("node"), &shop.origin);
    // With the key that stands in the shop's page; without; as a form would; and reading.
    let script = format!(
        "const kura = 'http://{}/api/v1', body = '{{\"level\":\"info\",\"message\":\"forged\"}}'
        const heard = (url, more) => fetch(kura + url, more).then(() => 'heard', () => 'refused')
        const post = {{ method: 'POST', body }}
        Promise.all([
          heard('/ingest/web?key={KEY}', post),
          heard('/ingest/web?key={KEY}', {{ ...post, headers: {{ 'Idempotency-Key': '1' }} }}),
          heard('/ingest/web', post),
          heard('/ingest/web?key={KEY}', {{ ...post, mode: 'no-cors' }}),
          heard('/ingest/web', {{ ...post, mode: 'no-cors' }}),
          heard('/tables'),
          heard('/sql', {{ method: 'POST', body: '{{\"statement\":\"select 1\"}}' }}),
          heard('/tail', {{ mode: 'no-cors' }}),
        ]).then((all) => fetch('/done?' + all.join()))",
        node.http
    );
    let page = format!("<!doctype html><title>Another site</title><script>{script}</script>");
    evil.serve(vec![("/", page)]);
    let url = format!("{}/", evil.origin);
    let _browser = Browser::open(&chromium, &folder.path().join("profile"), &url);
    assert_eq!(evil.said(), ["refused"; 8].join(","));
    let answer =
        node.ingest("web", "text/plain", "{\"level\":\"info\",\"message\":\"of the house\"}");
    assert_eq!(answer.status, 200, "{}", answer.body);
    node.until("select count(*), max(message) from jsonlog", &json!([1, "of the house"]));
}
