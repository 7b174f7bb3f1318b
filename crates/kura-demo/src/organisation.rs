//! The organisation: its accounts, Regions and people, and what it owns.
//!
//! Hoshizora is an invented shop in Tokyo with a second office in Berlin. Account ids follow the
//! pattern of AWS's documentation, people's addresses lie in the ranges reserved for examples.

use crate::ids::{self, mix, named};
use crate::rhythm::Office;

/// The organisation's id, part of every object's key.
pub const ORGANISATION_ID: &str = "o-h0sh1z0ra8";
/// The bucket that the organisation's trail delivers to.
pub const LOG_BUCKET: &str = "hoshizora-org-trail";
/// The organisation's trail; it is not the one that gets stopped.
pub const ORGANISATION_TRAIL: &str = "hoshizora-org";
/// Where the customers' data lies, in [`Account::Data`].
pub const CUSTOMER_BUCKET: &str = "hoshizora-customer-data";

/// An account of the organisation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// Pays the bills, owns the organisation and IAM Identity Center.
    #[default]
    Management,
    /// Holds the logs; the security team works from here.
    Security,
    /// Runs the shop.
    Prod,
    /// Looks like `Prod`, with fewer of everything.
    Staging,
    /// Where developers try things, and where the CI user of old lives.
    Dev,
    /// The data platform, with the bucket of customer data.
    Data,
}

impl Account {
    /// All accounts, in the order of their ids.
    pub const ALL: [Account; 6] = [
        Account::Management,
        Account::Security,
        Account::Prod,
        Account::Staging,
        Account::Dev,
        Account::Data,
    ];

    /// The twelve digits.
    pub fn id(self) -> &'static str {
        match self {
            Account::Management => "111122223333",
            Account::Security => "222233334444",
            Account::Prod => "333344445555",
            Account::Staging => "444455556666",
            Account::Dev => "555566667777",
            Account::Data => "666677778888",
        }
    }

    /// The name people use, also part of what the account owns.
    pub fn name(self) -> &'static str {
        match self {
            Account::Management => "management",
            Account::Security => "security",
            Account::Prod => "prod",
            Account::Staging => "staging",
            Account::Dev => "dev",
            Account::Data => "data",
        }
    }
}

/// A Region in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Region {
    Tokyo,
    Frankfurt,
    /// Home of the global services' events (IAM, sign-in, Organizations, CloudFront …).
    Virginia,
}

impl Region {
    /// The Region's code.
    pub fn code(self) -> &'static str {
        match self {
            Region::Tokyo => "ap-northeast-1",
            Region::Frankfurt => "eu-central-1",
            Region::Virginia => "us-east-1",
        }
    }
}

/// Somebody who works here.
#[derive(Debug, PartialEq, Eq)]
pub struct Person {
    pub login: &'static str,
    pub office: Office,
    pub team: Team,
}

/// People who do the same kind of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Team {
    Platform,
    Shop,
    Analysts,
    Security,
    Finance,
}

const fn person(login: &'static str, office: Office, team: Team) -> Person {
    Person { login, office, team }
}

/// Everybody.
pub const PEOPLE: &[Person] = &[
    person("aoi.tanabe", Office::Tokyo, Team::Platform),
    person("ren.kuroda", Office::Tokyo, Team::Platform),
    person("jonas.brandt", Office::Berlin, Team::Platform),
    person("haruka.mori", Office::Tokyo, Team::Shop),
    person("sota.ishii", Office::Tokyo, Team::Shop),
    person("yuto.okabe", Office::Tokyo, Team::Shop),
    person("mira.hoff", Office::Berlin, Team::Shop),
    person("emre.aydin", Office::Berlin, Team::Shop),
    person("mei.fujii", Office::Tokyo, Team::Analysts),
    person("nana.sakai", Office::Tokyo, Team::Analysts),
    person("paul.seidel", Office::Berlin, Team::Analysts),
    person("kenji.arai", Office::Tokyo, Team::Security),
    person("lena.vogt", Office::Berlin, Team::Security),
    person("yui.hayama", Office::Tokyo, Team::Finance),
];

/// What an account owns several of: templates name the kind (`<instance>`) and get one.
#[derive(Debug)]
pub struct Kind {
    pub name: &'static str,
    values: Values,
}

#[derive(Debug)]
enum Values {
    /// A prefix, then so many hexadecimal digits; so many of them.
    Ids(&'static str, usize, usize),
    /// So many UUIDs.
    Uuids(usize),
    /// Fixed names; `*` becomes the account's name.
    Names(&'static [&'static str]),
}

const fn ids_of(name: &'static str, prefix: &'static str, digits: usize, count: usize) -> Kind {
    Kind { name, values: Values::Ids(prefix, digits, count) }
}

const fn names_of(name: &'static str, names: &'static [&'static str]) -> Kind {
    Kind { name, values: Values::Names(names) }
}

/// Every kind of thing there is.
pub const KINDS: &[Kind] = &[
    ids_of("instance", "i-", 17, 24),
    ids_of("image", "ami-", 17, 6),
    ids_of("sg", "sg-", 17, 14),
    ids_of("subnet", "subnet-", 17, 6),
    ids_of("vpc", "vpc-", 17, 2),
    ids_of("vpce", "vpce-", 17, 3),
    ids_of("volume", "vol-", 17, 30),
    ids_of("snapshot", "snap-", 17, 20),
    ids_of("eni", "eni-", 17, 40),
    ids_of("task", "", 32, 24),
    ids_of("lb", "", 16, 4),
    ids_of("zone", "Z0", 18, 3),
    ids_of("distribution", "E", 13, 3),
    ids_of("detector", "", 32, 1),
    Kind { name: "kmskey", values: Values::Uuids(6) },
    Kind { name: "certificate", values: Values::Uuids(4) },
    names_of(
        "bucket",
        &[
            "hoshizora-*-assets",
            "hoshizora-*-artifacts",
            "hoshizora-*-exports",
            "hoshizora-*-tfstate",
        ],
    ),
    names_of(
        "function",
        &[
            "invoice-maker",
            "image-resizer",
            "stock-sync",
            "mail-sender",
            "webhook-relay",
            "nightly-report",
        ],
    ),
    names_of(
        "service",
        &["orders-api", "catalogue-api", "basket-api", "search-api", "checkout-web"],
    ),
    names_of("cluster", &["shop-*", "jobs-*"]),
    names_of(
        "repository",
        &[
            "shop/orders-api",
            "shop/catalogue-api",
            "shop/basket-api",
            "shop/checkout-web",
            "base/python",
        ],
    ),
    names_of("asg", &["web-*-asg", "worker-*-asg"]),
    names_of("db", &["orders-*-replica", "catalogue-*", "billing-*"]),
    names_of("table", &["baskets", "sessions", "stock-levels", "feature-flags"]),
    names_of("secret", &["*/orders-db", "*/payment-gateway", "*/smtp", "*/search-api"]),
    names_of(
        "parameter",
        &[
            "/*/orders-api/db-host",
            "/*/orders-api/log-level",
            "/*/checkout-web/csp",
            "/*/shared/feature-flags",
        ],
    ),
    names_of("queue", &["orders-*", "mails-*", "stock-events-*"]),
    names_of("topic", &["alerts-*", "order-events-*"]),
    names_of("stack", &["network-*", "shop-*", "observability-*"]),
    names_of(
        "loggroup",
        &[
            "/aws/lambda/invoice-maker",
            "/aws/lambda/stock-sync",
            "/ecs/orders-api",
            "/ecs/checkout-web",
            "/aws/rds/instance/catalogue-*/error",
        ],
    ),
    names_of("alarm", &["orders-api-5xx", "queue-depth-orders", "db-cpu-catalogue"]),
    names_of(
        "role",
        &[
            "orders-api-task",
            "web-node",
            "invoice-maker-exec",
            "terraform-apply",
            "DeployOrchestrator",
            "ObservabilityReader",
        ],
    ),
    names_of("user", &["ci-deploy", "mailer-legacy", "backup-legacy", "k.mori"]),
    names_of("policy", &["orders-api-access", "terraform-state", "read-logs"]),
    names_of(
        "rule",
        &[
            "s3-bucket-public-read-prohibited",
            "iam-user-mfa-enabled",
            "encrypted-volumes",
            "rds-storage-encrypted",
        ],
    ),
    names_of("workgroup", &["analysts", "reports"]),
    names_of("gluetable", &["orders", "order_items", "customers_masked", "page_views"]),
];

/// The organisation with all its identifiers, which follow from the seed.
#[derive(Debug)]
pub struct Organisation {
    pub seed: u64,
    /// By account, then by kind.
    owned: Vec<Vec<Vec<String>>>,
}

impl Organisation {
    pub fn new(seed: u64) -> Organisation {
        let owned = Account::ALL
            .iter()
            .map(|&account| {
                let of_account = named(seed, account.name());
                KINDS.iter().map(|kind| kind.make(account, of_account)).collect()
            })
            .collect();
        Organisation { seed, owned }
    }

    /// One of what an account owns of a kind (an index into [`KINDS`]); the same for the same bits.
    pub fn owned(&self, account: Account, kind: usize, bits: u64) -> &str {
        let values = &self.owned[account as usize][kind];
        &values[ids::below(mix(bits, kind as u64), values.len())]
    }

    /// The same by the kind's name.
    pub fn owned_by_name(&self, account: Account, kind: &str, bits: u64) -> &str {
        KINDS
            .iter()
            .position(|known| known.name == kind)
            .map_or("", |kind| self.owned(account, kind, bits))
    }

    /// The unique id of a user (`AIDA`) or of a role (`AROA`).
    pub fn unique_id(&self, prefix: &str, account: Account, name: &str) -> String {
        ids::unique_id(prefix, named(mix(self.seed, account as u64), name))
    }

    /// The long-lived access key of a user.
    pub fn long_lived_key(&self, account: Account, user: &str) -> String {
        ids::access_key("AKIA", named(mix(self.seed, account as u64), user))
    }
}

impl Kind {
    fn make(&self, account: Account, seed: u64) -> Vec<String> {
        let seed = named(seed, self.name);
        match self.values {
            Values::Ids(prefix, digits, count) => (0..count as u64)
                .map(|number| {
                    // Only the bucket-like ids of Route 53 and CloudFront are in capitals.
                    let capitals = prefix.starts_with(['Z', 'E']);
                    let alphabet: &[u8] = if capitals { ids::UPPER36 } else { ids::HEX };
                    ids::letters(prefix, alphabet, mix(seed, number), digits)
                })
                .collect(),
            Values::Uuids(count) => (0..count as u64).map(|n| ids::uuid(mix(seed, n))).collect(),
            Values::Names(names) => {
                names.iter().map(|name| name.replace('*', account.name())).collect()
            }
        }
    }
}
