//! The shop's network beside the story: flow logs of its VPC, and the access log of its load
//! balancer, an object of each per five minutes.
//!
//! Customers come and go with the shop's hours. The story shows here, too: somebody knocks at
//! closed ports until a security group is opened to the world, comes in and stays until it is
//! closed; and while the database of orders is gone, orders fail.

use std::fmt::Write;

use crate::clock::{self, SLOT};
use crate::delivery::Draft;
use crate::ids::{self, below, mix};
use crate::organisation::{Account, Organisation, Region};
use crate::rhythm::Rhythm;
use crate::story::{Fact, Story, THIEF_ADDR};

const ACCOUNT: Account = Account::Prod;
const REGION: Region = Region::Tokyo;
const SALT: u64 = 0x1e7;

const FLOW_HEADER: &str = "version account-id interface-id srcaddr dstaddr srcport dstport protocol \
    packets bytes start end action log-status vpc-id subnet-id instance-id tcp-flags type \
    pkt-srcaddr pkt-dstaddr region az-id flow-direction\n";

/// Requests of the shop, by weight: method, path, and whether they need the database of orders.
const REQUESTS: [(&str, &str, bool); 8] = [
    ("GET", "/", false),
    ("GET", "/catalogue?page=2", false),
    ("GET", "/catalogue/teapots", false),
    ("GET", "/search?q=lantern", false),
    ("GET", "/assets/app.js", false),
    ("POST", "/basket", false),
    ("POST", "/api/orders", true),
    ("GET", "/api/orders/latest", true),
];
/// What scanners ask every shop for.
const PROBES: [&str; 6] =
    ["/.env", "/wp-login.php", "/admin/", "/.git/config", "/phpmyadmin/", "/actuator/env"];
const BROWSERS: [&str; 3] = [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/150.0.0.0 Safari/537.36",
    "HoshizoraApp/4.12 (Android 17)",
];
/// Ports that somebody knocks at.
const CLOSED_PORTS: [u16; 6] = [22, 3389, 5432, 3306, 6379, 8080];
/// How long before the door was opened the thief had begun to knock.
const KNOCKING_SECONDS: i64 = 3 * 3600;

/// Hands out the objects of one slot after the other.
pub struct Network<'a> {
    organisation: &'a Organisation,
    slot: i64,
    end: i64,
    /// Lines of each log in an ordinary slot.
    lines: f64,
    /// From when to when the door stood open.
    open: (i64, i64),
    /// From when to when there was no database of orders.
    without_orders: (i64, i64),
    balancer_next: bool,
}

impl<'a> Network<'a> {
    /// `lines` of each log in all, more or less.
    pub fn new(
        organisation: &'a Organisation,
        story: &Story,
        window: (i64, i64),
        lines: u64,
    ) -> Self {
        let when = |name: &str| {
            let mut done = story.facts.iter().filter(|fact| fact.name == name && !fact.failed);
            done.next().map_or(window.1, |Fact { time, .. }| *time)
        };
        let slots = (window.1 - window.0) / SLOT;
        Network {
            organisation,
            slot: window.0,
            end: window.1,
            lines: lines as f64 / slots.max(1) as f64,
            open: (when("AuthorizeSecurityGroupIngress"), when("RevokeSecurityGroupIngress")),
            without_orders: (when("DeleteDBInstance"), when("RestoreDBInstanceToPointInTime")),
            balancer_next: false,
        }
    }

    fn bits(&self, salt: u64, number: u64) -> u64 {
        mix(self.organisation.seed ^ SALT ^ salt ^ self.slot as u64, number)
    }

    /// How many lines this slot has.
    fn count(&self, salt: u64) -> u64 {
        let wanted = self.lines * Rhythm::Shop.weight(clock::calendar(self.slot));
        let whole = wanted as u64;
        whole
            + u64::from(
                below(self.bits(salt, u64::MAX), 1000) < ((wanted.fract()) * 1000.0) as usize,
            )
    }

    fn flows(&self) -> Draft {
        let mut body = FLOW_HEADER.to_owned();
        let mut events = 0;
        for number in 0..self.count(1) {
            let bits = self.bits(1, number);
            let flow = match below(bits, 100) {
                0..=2 => Flow::knock(bits, &stranger(mix(bits, 1))),
                3 => Flow::nothing(),
                _ => Flow::customer(bits),
            };
            self.push_flow(&mut body, &flow, bits);
            events += 1;
        }
        for number in 0..12 {
            let bits = self.bits(2, number);
            let knocks = self.slot >= self.open.0 - KNOCKING_SECONDS && self.slot < self.open.1;
            if knocks && self.slot + SLOT > self.open.0 && number < 3 {
                self.push_flow(&mut body, &Flow::visit(bits), bits);
                events += 1;
            } else if knocks {
                self.push_flow(&mut body, &Flow::knock(bits, THIEF_ADDR), bits);
                events += 1;
            }
        }
        let name = format!("vpcflowlogs_{}_fl-{}", REGION.code(), self.of_all("flow", 17));
        let key = self.key("vpcflowlogs", &name, &self.unique("flow", 8));
        Draft { key, body, events, duplicates: 0 }
    }

    fn push_flow(&self, body: &mut String, flow: &Flow, bits: u64) {
        let owned = |kind| self.organisation.owned_by_name(ACCOUNT, kind, mix(bits, 9));
        let start = self.slot + below(mix(bits, 3), 240) as i64;
        // Nothing goes wrong when writing into a text.
        let _ = writeln!(
            body,
            "5 {} {} {} {start} {} {} {} {} {} {} {} {} {} apne1-az1 {}",
            ACCOUNT.id(),
            owned("eni"),
            flow.middle,
            start + 59,
            flow.action,
            owned("vpc"),
            owned("subnet"),
            owned("instance"),
            flow.flags,
            flow.kind,
            flow.packet,
            REGION.code(),
            flow.direction,
        );
    }

    fn requests(&self) -> Draft {
        let mut body = String::new();
        let mut events = 0;
        for number in 0..self.count(3) {
            let bits = self.bits(3, number);
            let (method, path, needs_orders) = REQUESTS[below(mix(bits, 1), REQUESTS.len())];
            let gone = self.slot >= self.without_orders.0 && self.slot < self.without_orders.1;
            let status = match below(mix(bits, 2), 1000) {
                _ if needs_orders && gone => 503,
                0..=1 => 502,
                2..=20 => 404,
                21..=60 => 304,
                _ => 200,
            };
            self.push_request(&mut body, bits, &customer(bits), method, path, status);
            events += 1;
        }
        let probing = self.slot >= self.open.0 - KNOCKING_SECONDS && self.slot < self.open.0;
        for (number, path) in PROBES.into_iter().enumerate().filter(|_| probing) {
            let bits = self.bits(4, number as u64);
            self.push_request(&mut body, bits, THIEF_ADDR, "GET", path, 404);
            events += 1;
        }
        let balancer = self.of_all("balancer", 16);
        let name = format!("elasticloadbalancing_{}_app.shop-prod.{balancer}", REGION.code());
        let unique =
            format!("203.0.113.{}_{}", 10 + below(self.bits(5, 0), 3), self.unique("lb", 8));
        let key = self.key("elasticloadbalancing", &name, &unique);
        Draft { key, body, events, duplicates: 0 }
    }

    fn push_request(
        &self,
        body: &mut String,
        bits: u64,
        client: &str,
        method: &str,
        path: &str,
        status: u16,
    ) {
        let second = self.slot + below(mix(bits, 3), SLOT as usize) as i64;
        let micros = below(mix(bits, 4), 1_000_000);
        let time = clock::iso(second);
        let time = time.trim_end_matches('Z');
        let balancer = self.of_all("balancer", 16);
        let group = "arn:aws:elasticloadbalancing:ap-northeast-1:333344445555:targetgroup/shop-prod/73e2d6bc24d8a067";
        let slow = if status == 503 { 5.0 } else { 0.0 };
        let _ = writeln!(
            body,
            "https {time}.{micros:06}Z app/shop-prod/{balancer} {client}:{} 10.0.{}.{}:8080 0.00{} {:.3} 0.000 \
             {status} {status} {} {} \"{method} https://shop.hoshizora.example:443{path} HTTP/1.1\" \
             \"{}\" TLS_AES_128_GCM_SHA256 TLSv1.3 {group} \"Root=1-{:08x}-{}\" \
             \"shop.hoshizora.example\" \"session-reused\" 1 {time}.{micros:06}Z \"forward\" \"-\" \"-\" \
             \"10.0.1.20:8080\" \"{status}\" \"-\" \"-\" TID_{}",
            1024 + below(mix(bits, 5), 60_000),
            below(mix(bits, 6), 3),
            10 + below(mix(bits, 7), 24),
            below(mix(bits, 8), 9),
            slow + below(mix(bits, 10), 900) as f64 / 10_000.0,
            200 + below(mix(bits, 11), 900),
            300 + below(mix(bits, 12), 60_000),
            BROWSERS[below(mix(bits, 13), BROWSERS.len())],
            second,
            ids::letters("", ids::HEX, mix(bits, 14), 24),
            ids::letters("", ids::HEX, mix(bits, 15), 32),
        );
    }

    /// What is the same in all objects.
    fn of_all(&self, name: &str, digits: usize) -> String {
        ids::letters("", ids::HEX, ids::named(self.organisation.seed, name), digits)
    }

    fn unique(&self, name: &str, digits: usize) -> String {
        ids::letters("", ids::HEX, ids::named(self.bits(6, 0), name), digits)
    }

    fn key(&self, folder: &str, name: &str, unique: &str) -> String {
        let at = clock::calendar(self.slot + SLOT);
        format!(
            "AWSLogs/{account}/{folder}/{}/{}/{account}_{name}_{}_{unique}.log.gz",
            REGION.code(),
            at.format("%Y/%m/%d"),
            at.format("%Y%m%dT%H%MZ"),
            account = ACCOUNT.id(),
        )
    }
}

impl Iterator for Network<'_> {
    type Item = Draft;

    /// A slot in which nothing happened has no object.
    fn next(&mut self) -> Option<Draft> {
        while self.slot < self.end {
            let balancer = self.balancer_next;
            self.balancer_next = !balancer;
            let draft = if balancer { self.requests() } else { self.flows() };
            self.slot += if balancer { SLOT } else { 0 };
            if draft.events > 0 {
                return Some(draft);
            }
        }
        None
    }
}

/// The fields of a line that differ from flow to flow.
struct Flow {
    /// Addresses, ports, protocol, packets, bytes.
    middle: String,
    action: &'static str,
    flags: &'static str,
    kind: &'static str,
    packet: String,
    direction: &'static str,
}

impl Flow {
    fn new(from: &str, to: &str, ports: (u16, u16), packets: usize, accepted: bool) -> Flow {
        let bytes = packets * 620;
        Flow {
            middle: format!("{from} {to} {} {} 6 {packets} {bytes}", ports.0, ports.1),
            action: if accepted { "ACCEPT OK" } else { "REJECT OK" },
            flags: if accepted { "19" } else { "2" },
            kind: "IPv4",
            packet: format!("{from} {to}"),
            direction: "ingress",
        }
    }

    fn customer(bits: u64) -> Flow {
        let packets = 4 + below(mix(bits, 4), 60);
        Flow::new(&customer(bits), &inside(bits), (port(bits), 443), packets, true)
    }

    fn knock(bits: u64, from: &str) -> Flow {
        let closed = CLOSED_PORTS[below(mix(bits, 5), CLOSED_PORTS.len())];
        Flow::new(from, &inside(bits), (port(bits), closed), 1, false)
    }

    /// The thief over SSH, once that is open.
    fn visit(bits: u64) -> Flow {
        let packets = 400 + below(mix(bits, 4), 9_000);
        Flow::new(THIEF_ADDR, "10.0.1.20", (port(bits), 22), packets, true)
    }

    /// An interface that nobody spoke with.
    fn nothing() -> Flow {
        Flow {
            middle: "- - - - - - -".to_owned(),
            action: "- NODATA",
            flags: "-",
            kind: "-",
            packet: "- -".to_owned(),
            direction: "-",
        }
    }
}

fn customer(bits: u64) -> String {
    format!("198.51.100.{}", 1 + below(mix(bits, 20), 250))
}

/// Somebody on the internet who tries every door.
fn stranger(bits: u64) -> String {
    format!("203.0.113.{}", 100 + below(bits, 100))
}

fn inside(bits: u64) -> String {
    format!("10.0.{}.{}", below(mix(bits, 21), 3), 10 + below(mix(bits, 22), 24))
}

fn port(bits: u64) -> u16 {
    u16::try_from(1024 + below(mix(bits, 23), 60_000)).unwrap_or(1024)
}
