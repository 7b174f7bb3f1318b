//! Where records come from and what of them has no column: the command, the API, `/metrics`.

use serde_json::{Value, json};

use crate::program::{ok, run, text};
use crate::server::Server;

const EVENT: &str = r#"{"eventVersion":"1.11","eventTime":"2026-11-20T10:00:00Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","eventID":"#;

/// A lake with a trail of two objects, of which the second brought something new and something
/// broken.
struct Trail {
    folder: tempfile::TempDir,
}

impl Trail {
    fn new() -> Self {
        let trail = Trail { folder: tempfile::tempdir().expect("a temporary folder") };
        trail.import("a", &format!("{EVENT}\"1\"}}\n"));
        trail.import(
            "b",
            &format!("{EVENT}\"2\",\"later\":\"x\"}}\n{{\"eventVersion\": broken}}\n"),
        );
        trail
    }

    fn folder(&self) -> std::path::PathBuf {
        self.folder.path().join("AWSLogs/111122223333/CloudTrail")
    }

    fn lake(&self) -> std::path::PathBuf {
        self.folder.path().join("lake")
    }

    fn import(&self, name: &str, records: &str) {
        let folder = self.folder().join("us-east-1/2026/11/20");
        std::fs::create_dir_all(&folder).expect("to disk");
        let file = folder.join(format!("{name}.json"));
        std::fs::write(&file, records).expect("to disk");
        ok(&["--lake", text(&self.lake()), "import", text(&file), "--format", "cloudtrail"]);
    }

    fn sources(&self, more: &[&str]) -> Vec<Value> {
        let lake = self.lake();
        let args: Vec<&str> = ["--lake", text(&lake), "sources", "-o", "json"]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        serde_json::from_str(&ok(&args).stdout).expect("JSON")
    }
}

#[test]
fn the_command_tells_sources_and_drift() {
    let trail = Trail::new();
    let sources = trail.sources(&[]);
    let told: Vec<_> = sources.iter().map(|s| (&s["table"], &s["objects"], &s["rows"])).collect();
    let (one, two) = (json!(1), json!(2));
    let expected = [(&json!("cloudtrail"), &two, &two), (&json!("quarantine"), &one, &one)];
    assert_eq!(told, expected);
    let source = format!("file://{}/", text(&trail.folder()));
    assert_eq!(
        (&sources[0]["source"], &sources[0]["first_time"]),
        (&json!(source), &json!("2026-11-20T10:00:00Z"))
    );

    let drift = trail.sources(&["--drift", "--table", "cloudtrail"]);
    let [field] = &drift[..] else { panic!("one field: {drift:?}") };
    let told = ["table", "field", "kind", "rows", "sample"].map(|name| field[name].clone());
    assert_eq!(
        told,
        [json!("cloudtrail"), json!("later"), json!("unknown"), json!(1), json!("\"x\"")]
    );
    assert!(field["first_origin"].as_str().is_some_and(|o| o.ends_with("/b.json#1")), "{field}");
    assert_eq!(field["first_seen"], field["last_seen"]);

    trail.import("c", &format!("{EVENT}\"3\",\"later\":1,\"own\":1}}\n"));
    let lake = trail.lake();
    let first = ok(&["--lake", text(&lake), "sources", "--drift", "-n", "1", "-o", "csv"]);
    assert_eq!(first.stdout.lines().count(), 2, "{}", first.stdout);
    assert!(first.stdout.contains("cloudtrail,later,unknown,2,"), "{}", first.stdout);
    assert!(first.stderr.contains("1 more"), "{}", first.stderr);
    let none = run(&["--lake", text(&lake), "sources", "--table", "cloudtrial"]);
    assert_eq!(none.code, Some(1));
    assert!(none.stderr.contains("did you mean `cloudtrail`"), "{}", none.stderr);
}

#[test]
fn the_api_tells_sources_and_drift() {
    let trail = Trail::new();
    let server = Server::start_on(&trail.lake(), "0");
    let get = |path: &str| {
        let (status, _, body) = server.get(path);
        (status, serde_json::from_str::<Value>(&body).unwrap_or_else(|e| panic!("{e}: {body}")))
    };
    let (status, all) = get("/api/v1/sources");
    assert_eq!((status, all["sources"].as_array().map(Vec::len)), (200, Some(2)), "{all}");
    let (_, one) = get("/api/v1/sources?table=cloudtrail");
    assert_eq!((&one["sources"][0]["objects"], &one["truncated"]), (&json!(2), &json!(false)));

    let (status, drift) = get("/api/v1/sources/drift?table=cloudtrail&limit=5");
    let field = &drift["fields"][0];
    assert_eq!((status, &field["field"], &field["rows"]), (200, &json!("later"), &json!(1)));
    trail.import("c", &format!("{EVENT}\"3\",\"later\":1,\"own\":1}}\n"));
    let (_, drift) = get("/api/v1/sources/drift?limit=1");
    assert_eq!((&drift["fields"][0]["rows"], &drift["truncated"]), (&json!(2), &json!(true)));

    let (status, problem) = get("/api/v1/sources?table=nothing");
    assert_eq!((status, &problem["detail"]), (400, &json!("no table `nothing` in this lake")));
    assert_eq!(get("/api/v1/sources/drift?limit=many").0, 400);
    assert_eq!(get("/api/v1/sources?tabel=x").0, 400);
}

#[test]
fn metrics_are_prometheus() {
    let trail = Trail::new();
    // Nobody counts: no more is told than the log says.
    let quiet = Server::start_on(&trail.lake(), "0");
    let (status, head, body) = quiet.get("/metrics");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: text/plain; version=0.0.4; charset=utf-8"), "{head}");
    for line in [
        "# TYPE kura_build_info gauge",
        concat!("kura_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "# TYPE kura_table_bytes gauge",
        "kura_table_rows{table=\"cloudtrail\"} 2",
        "kura_table_files{table=\"quarantine\"} 1",
    ] {
        assert!(body.lines().any(|there| there == line), "{line}: {body}");
    }
    assert!(!body.contains("cloudtrail_logs") && !body.contains("kura_drift"), "{body}");

    let server = Server::start_on(&trail.lake(), "1");
    let counted = || {
        let body = server.get("/metrics").2;
        body.contains("kura_drift_rows{table=\"cloudtrail\",kind=\"misfit\"}").then_some(body)
    };
    let body = std::iter::repeat_with(counted).flatten().next().expect("counted at last");
    for line in [
        "kura_drift_fields{table=\"cloudtrail\",kind=\"unknown\"} 1",
        "kura_drift_rows{table=\"cloudtrail\",kind=\"unknown\"} 1",
        "kura_drift_rows{table=\"cloudtrail\",kind=\"misfit\"} 0",
        "kura_quarantined_rows{format=\"cloudtrail\",reason=\"broken_json\"} 1",
    ] {
        assert!(body.lines().any(|there| there == line), "{line}: {body}");
    }
}
