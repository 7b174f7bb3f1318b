//! Where records come from and what of them has no column.

use serde_json::{Value, json};

use crate::program::{ok, run, text};

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
