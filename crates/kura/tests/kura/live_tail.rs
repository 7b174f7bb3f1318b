//! Following the stream by server-sent events: what comes is heard, and heard once, also after
//! a connection was cut and beside others who send much.

use serde_json::{Value, json};

use crate::http::Events;
use crate::node::{Node, Settings};

/// Numbered events of a service, a line each.
fn lines(service: &str, numbers: std::ops::Range<u64>) -> String {
    let line = |n| {
        format!(
            "{{\"time\":\"2026-11-20T12:00:00Z\",\"level\":\"info\",\"message\":\"number {n}\",\
             \"service\":\"{service}\",\"n\":{n}}}\n"
        )
    };
    numbers.map(line).collect()
}

fn send(node: &Node, service: &str, numbers: std::ops::Range<u64>) {
    let answer = node.ingest(service, "application/x-ndjson", &lines(service, numbers));
    assert_eq!(answer.status, 200, "{}", answer.body);
}

/// Somebody who follows a service, and what was heard so far.
struct Listener {
    /// The connection, while there is one.
    events: Option<Events>,
    last_id: Option<String>,
    heard: Vec<u64>,
}

const PATH: &str = "/api/v1/tail?table=jsonlog&query=service:shop";

impl Listener {
    fn new(node: &Node) -> Self {
        let events = Some(Events::open(&node.http, PATH, None));
        Listener { events, last_id: None, heard: Vec::new() }
    }

    fn hear_one(&mut self) {
        let event = self.events.as_mut().and_then(Events::next).expect("the stream goes on");
        assert_eq!(event.name, "rows", "{}", event.data);
        self.last_id = event.id.or(self.last_id.take());
        for row in event.data["events"].as_array().expect("rows") {
            let record: Value =
                serde_json::from_str(row["record"].as_str().expect("a record")).expect("JSON");
            self.heard.push(record["n"].as_u64().expect("a number"));
        }
    }

    fn hear(&mut self, count: usize) {
        while self.heard.len() < count {
            self.hear_one();
        }
    }

    /// The connection is lost; events go on from the last one that was heard.
    fn cut(&mut self, node: &Node, between: impl FnOnce()) {
        assert!(self.last_id.is_some(), "there is an event to resume from");
        // Whatever is under way is lost with it.
        self.events = None;
        between();
        self.events = Some(Events::open(&node.http, PATH, self.last_id.as_deref()));
    }
}

#[test]
fn what_comes_is_heard_and_a_cut_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Batches are made all the while: rows leave what is held for questions.
    let node = Node::start(folder.path(), Settings { flush_seconds: 1, ..Settings::default() });
    let mut listener = Listener::new(&node);
    let mut sent = 0;
    for round in 0..10 {
        send(&node, "shop", sent..sent + 20);
        send(&node, "desk", 0..20);
        sent += 20;
        // In the middle of what was sent, or behind it.
        let wanted = listener.heard.len() + if round % 2 == 0 { 1 } else { 20 };
        listener.hear(wanted.min(sent as usize));
        listener.cut(&node, || send(&node, "shop", sent..sent + 5));
        sent += 5;
        send(&node, "shop", sent..sent + 5);
        sent += 5;
    }
    listener.hear(sent as usize);
    assert_eq!(listener.heard, (0..sent).collect::<Vec<_>>(), "each once, and in order");
}

/// Rows that came together are sent in several events; whoever is cut off between two of them
/// hears the rest.
#[test]
fn a_cut_between_events_of_one_delivery_loses_nothing() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), Settings::default());
    let mut listener = Listener::new(&node);
    send(&node, "shop", 0..1);
    listener.hear(1);
    send(&node, "shop", 1..1_501);
    while listener.heard.len() == 1 {
        listener.hear_one();
    }
    listener.cut(&node, || {});
    while listener.heard.last() != Some(&1_500) {
        listener.hear_one();
    }
    listener.heard.sort_unstable();
    assert_eq!(listener.heard, (0..1_501).collect::<Vec<_>>(), "each once");
}

#[test]
fn a_service_is_heard_in_full_beside_one_that_sends_much() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let node = Node::start(folder.path(), Settings { flush_seconds: 1, ..Settings::default() });
    let mut listener = Listener::new(&node);
    std::thread::scope(|scope| {
        scope.spawn(|| (0..10).for_each(|n| send(&node, "desk", 5_000 * n..5_000 * (n + 1))));
        scope.spawn(|| (0..100).for_each(|n| send(&node, "shop", n..n + 1)));
        listener.hear(100);
    });
    assert_eq!(listener.heard, (0..100).collect::<Vec<_>>());
    let counts = "select count(*), count(distinct json_get_text(record, 'n')) from jsonlog where service = 'desk'";
    node.until(counts, &json!([50_000, 50_000]));
}

/// After a restart nobody can tell any more where somebody was, and that is said; what came
/// since is found by a search.
#[test]
fn a_place_that_is_held_no_more_is_a_gap() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let mut node = Node::start(folder.path(), Settings::default());
    let mut listener = Listener::new(&node);
    send(&node, "shop", 0..3);
    listener.hear(3);
    node.terminate();
    assert!(listener.events.take().and_then(|mut events| events.next()).is_none(), "it ended");
    node.start_again();
    let mut events = Events::open(&node.http, PATH, listener.last_id.as_deref());
    send(&node, "shop", 3..4);
    let gap = events.next().expect("an event");
    assert_eq!(gap.name, "gap", "{}", gap.data);
    let rows = events.next().expect("an event");
    assert_eq!(
        (rows.name.as_str(), &rows.data["events"][0]["message"]),
        ("rows", &json!("number 3"))
    );
    node.until("select count(*) from jsonlog", &json!([4]));
}
