//! The comparison itself: what it counts, and that it does fail.

use serde_json::json;

use super::*;

const RULES: &str = "source.ip\tsrcaddr\nsource.ip\t_addr\nnetwork.iana_number\tprotocol\ttext\n\
    event.start\tstart\tseconds\nevent.*\t-\tElastic's own\nevent.action\taction\tlower\n\
    network.transport\t~\tprotocol\nsource.port\tdstport\t\tours is the other one";

fn records() -> Vec<Record> {
    let row = json!({
        "srcaddr": "192.0.2.1", "_addr": "192.0.2.1", "dstaddr": "192.0.2.2", "protocol": 6,
        "start": 1_763_596_800, "action": "ACCEPT", "dstport": 22,
    });
    let table = "vpcflow".to_owned();
    let refused = Err("not_an_event".to_owned());
    vec![Record { table: table.clone(), row: Ok(row) }, Record { table, row: refused }]
}

fn first() -> Value {
    json!({
        "source": {"ip": "192.0.2.1", "port": 40000},
        "network": {"iana_number": "6", "transport": "tcp"},
        "event": {"start": "2025-11-20T00:00:00.000Z", "action": "accept", "kind": "event"},
    })
}

fn compared(rules: &str, events: &[Value], is_without_row: &dyn Fn(usize) -> bool) -> Compared {
    compare(&Lists::with("vpcflow", &[rules]), events, &records(), is_without_row)
}

#[test]
fn what_agrees_is_counted_and_what_does_not_fails() {
    let second = json!({"event": {"kind": "event"}});
    let good = compared(RULES, &[first(), second.clone()], &|number| number == 2);
    let expected = Compared {
        files: 1,
        events: 2,
        without_row: 1,
        agree: 4,
        explained: 2,
        without_counterpart: 1,
        ..Compared::default()
    };
    assert_eq!(good, expected);

    let wrong = [
        (RULES.replace("source.ip\tsrcaddr", "source.ip\tdstaddr"), "`dstaddr` \"192.0.2.2\""),
        (RULES.replace("\tlower", ""), "\"ACCEPT\""),
        (RULES.replace("source.ip\tsrcaddr", "source.ip\tno_such_column"), "nothing"),
        (RULES.replace("network.transport", "x"), "`network.transport` is in no list"),
    ];
    for (rules, said) in wrong {
        let failures = compared(&rules, &[first(), second.clone()], &|n| n == 2).failures;
        assert!(failures.len() == 1 && failures[0].contains(said), "{failures:?}");
    }
    let failures = compared(RULES, &[first(), second], &|_| false).failures;
    assert!(failures.len() == 1 && failures[0].contains("event 2 has no row"), "{failures:?}");
    let failures = compared(RULES, &[first(), first()], &|n| n == 1).failures;
    assert!(failures.len() == 2, "{failures:?}");
}

/// Elastic dropped an event, or Kura has records that are none.
#[test]
fn events_find_their_records() {
    let agrees = |events: &[Value]| {
        let compared = compared(RULES, events, &|_| false);
        (compared.agree, compared.beyond, compared.failures.len())
    };
    assert_eq!(agrees(&[first()]), (4, 1, 0));
    assert_eq!(agrees(&[first(), Value::Null]), (4, 0, 0));
    assert_eq!(agrees(&[Value::Null, first(), first()]), (4, 0, 1));
}
