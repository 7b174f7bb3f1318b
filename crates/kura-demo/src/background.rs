//! Everyday life: the records of one five-minute slot after another, drawn from the workload's
//! streams. Each slot has a random generator of its own, and how many records it gets is fixed
//! by the rhythm, so that the total is what was asked for.

use std::collections::HashMap;

use rand::RngCore;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::caller::{self, Caller, Role, Via};
use crate::clock::{self, DAY, SLOT};
use crate::events;
use crate::ids::{below, mix, named};
use crate::organisation::{Account, Organisation, PEOPLE};
use crate::record::{Call, Outcome, Recipe, Record};
use crate::tasks::{Task, Tool};
use crate::workload::{ADMINISTRATOR, LEAKED_USER, STREAMS, Stream, Who};

/// The generator; it remembers only how many records it still owes.
pub struct Background {
    streams: Vec<Prepared>,
    recipes: Vec<Recipe>,
    seed: u64,
    start: i64,
    end: i64,
    /// Records over all slots, and the weight of all slots.
    events: u64,
    weight: f64,
    /// From then on the leaked key is of no use to anybody.
    key_dead_at: i64,
    weight_so_far: f64,
    made: u64,
}

/// A stream with the recipes of its tasks.
struct Prepared {
    stream: &'static Stream,
    /// The stream's share in tasks: long tasks are rarer.
    tasks_share: f64,
    tasks_weight: u64,
    calls: Vec<Vec<usize>>,
}

/// In a thousand calls, those that come too fast.
const THROTTLED_PER_MILLE: u64 = 2;

impl Background {
    /// Prepares `events` records between two times.
    pub fn new(seed: u64, window: (i64, i64), events: u64, key_dead_at: i64) -> Background {
        let mut recipes = Vec::new();
        let mut known = HashMap::new();
        let streams =
            STREAMS.iter().map(|stream| Prepared::new(stream, &mut recipes, &mut known)).collect();
        let mut background = Background {
            streams,
            recipes,
            seed,
            start: window.0,
            end: window.1,
            events,
            weight: 0.0,
            key_dead_at,
            weight_so_far: 0.0,
            made: 0,
        };
        background.weight = (window.0..window.1)
            .step_by(SLOT as usize)
            .map(|slot| background.weights(slot).iter().sum::<f64>())
            .sum();
        background
    }

    /// The records of the slot that starts at a time. Slots are asked for in order.
    pub fn slot(&mut self, organisation: &Organisation, slot: i64) -> Vec<Record> {
        let weights = self.weights(slot);
        self.weight_so_far += weights.iter().sum::<f64>();
        let due = if slot + SLOT >= self.end {
            self.events
        } else {
            (self.events as f64 * self.weight_so_far / self.weight) as u64
        };
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(((slot - self.start) / SLOT) as u64);
        let mut records = Vec::with_capacity(due.saturating_sub(self.made) as usize + 16);
        while self.made + (records.len() as u64) < due {
            let room = (due - self.made) as usize - records.len();
            let prepared = &self.streams[pick(&weights, &mut rng)];
            self.run(prepared, organisation, slot, room, &mut rng, &mut records);
        }
        self.made += records.len() as u64;
        records
    }

    /// How busy each stream is in a slot.
    fn weights(&self, slot: i64) -> Vec<f64> {
        let moment = clock::calendar(slot);
        self.streams
            .iter()
            .map(|prepared| match prepared.stream.who {
                Who::User { name, .. } if name == LEAKED_USER && slot + SLOT > self.key_dead_at => {
                    0.0
                }
                _ => prepared.tasks_share * prepared.stream.rhythm.weight(moment),
            })
            .collect()
    }

    /// Runs one task of a stream, and stops where the slot is full.
    fn run(
        &self,
        prepared: &Prepared,
        organisation: &Organisation,
        slot: i64,
        room: usize,
        rng: &mut ChaCha8Rng,
        records: &mut Vec<Record>,
    ) {
        let (task, calls) = prepared.task(rng.next_u64());
        let mut time = slot + below(rng.next_u64(), SLOT as usize) as i64;
        let caller = make_caller(organisation, prepared.stream, task, time, rng.next_u64());
        for &recipe in calls.iter().take(room) {
            let recipe = &self.recipes[recipe];
            let salt = rng.next_u64();
            let (near, far) = recipe.records(&Call {
                organisation,
                caller: &caller,
                region: prepared.stream.region,
                time,
                salt,
                outcome: outcome(recipe, denied_per_mille(prepared.stream, recipe), mix(salt, 9)),
                new_key: None,
                other_account: if caller.account == Account::Prod {
                    Account::Staging
                } else {
                    Account::Prod
                },
            });
            records.push(near);
            records.extend(far);
            time = (time + below(mix(salt, 10), 4) as i64).min(slot + SLOT - 1);
        }
    }
}

impl Prepared {
    fn new(
        stream: &'static Stream,
        recipes: &mut Vec<Recipe>,
        known: &mut HashMap<&'static str, usize>,
    ) -> Prepared {
        let mut recipe_of = |call: &'static str| match known.get(call) {
            Some(&at) => Some(at),
            None => {
                recipes.push(Recipe::new(events::find(call)?));
                known.insert(call, recipes.len() - 1);
                Some(recipes.len() - 1)
            }
        };
        let calls: Vec<Vec<usize>> = stream
            .tasks
            .iter()
            .map(|task| task.calls.split_whitespace().filter_map(&mut recipe_of).collect())
            .collect();
        let tasks_weight = stream.tasks.iter().map(|task| u64::from(task.weight)).sum::<u64>();
        let calls_weight: u64 = stream
            .tasks
            .iter()
            .map(|task| u64::from(task.weight) * task.calls.split_whitespace().count() as u64)
            .sum();
        Prepared {
            stream,
            tasks_share: stream.share * tasks_weight as f64 / calls_weight as f64,
            tasks_weight,
            calls,
        }
    }

    fn task(&self, bits: u64) -> (&'static Task, &[usize]) {
        let mut rest = below(bits, self.tasks_weight as usize) as u64;
        let mut number = 0;
        while number + 1 < self.calls.len() && rest >= u64::from(self.stream.tasks[number].weight) {
            rest -= u64::from(self.stream.tasks[number].weight);
            number += 1;
        }
        (&self.stream.tasks[number], &self.calls[number])
    }
}

/// An index, each as likely as its weight says.
fn pick(weights: &[f64], rng: &mut ChaCha8Rng) -> usize {
    let total: f64 = weights.iter().sum();
    let mut rest = total * (rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
    for (index, weight) in weights.iter().enumerate() {
        rest -= weight;
        if rest < 0.0 {
            return index;
        }
    }
    0
}

/// In a thousand calls, those that no policy allows: people try what they may not do, above all
/// changes; programs do so once, and are repaired; administrators may do everything.
fn denied_per_mille(stream: &Stream, recipe: &Recipe) -> u64 {
    match stream.who {
        Who::Team(_, _, ADMINISTRATOR) => 0,
        Who::Team(..) | Who::User { .. } if recipe.event.read => 8,
        Who::Team(..) | Who::User { .. } => 60,
        Who::Linked(..) => 0,
        _ => 2,
    }
}

/// How a call ends: as a rule well, else in one of the event's own ways or in a general one.
fn outcome(recipe: &Recipe, denied_per_mille: u64, bits: u64) -> Outcome {
    let mut rest = below(bits, 1000) as u64;
    for (number, failure) in recipe.event.failures.iter().enumerate() {
        if rest < u64::from(failure.per_mille) {
            return Outcome::Failed(number);
        }
        rest -= u64::from(failure.per_mille);
    }
    if !recipe.may_fail_like_any() || rest >= denied_per_mille + THROTTLED_PER_MILLE {
        Outcome::Done
    } else if rest < denied_per_mille {
        Outcome::Denied
    } else {
        Outcome::Throttled
    }
}

/// The caller of a task: which person, which instance, in which session.
fn make_caller(
    organisation: &Organisation,
    stream: &Stream,
    task: &Task,
    time: i64,
    bits: u64,
) -> Caller {
    let account = stream.account;
    let mut caller = match stream.who {
        Who::Team(team, office, permission_set) => {
            let people: Vec<_> = PEOPLE
                .iter()
                .filter(|person| person.team == team && person.office == office)
                .collect();
            let person = people[below(bits, people.len())];
            let since = session_start(time, 8 * 3600, named(0, person.login));
            caller::person_session(organisation, account, person, permission_set, since)
        }
        Who::User { name, addr } => {
            let mut caller = match task.tool {
                Tool::Browser => Caller::iam_user_in_console(
                    organisation,
                    account,
                    name,
                    session_start(time, DAY / 2, 7),
                ),
                _ => Caller::iam_user(organisation, account, name),
            };
            caller.addr = addr.to_owned();
            caller
        }
        Who::Root(addr) => Caller { addr: addr.to_owned(), ..Caller::root(account) },
        _ => machine(organisation, stream, time, bits),
    };
    if caller.agent.is_empty() {
        caller.agent = agent(task.tool, named(1, &caller.session)).to_owned();
    }
    caller.console |= task.tool == Tool::Browser;
    caller
}

fn machine(organisation: &Organisation, stream: &Stream, time: i64, bits: u64) -> Caller {
    let account = stream.account;
    match stream.who {
        Who::Instance(name) => {
            let instance = organisation.owned_by_name(account, "instance", bits).to_owned();
            let role = Role { via: Via::InstanceMetadata, ..Role::plain(name) };
            in_the_vpc(organisation, stream, role, &instance, time)
        }
        Who::Container(name) => {
            let task = organisation.owned_by_name(account, "task", bits).to_owned();
            in_the_vpc(organisation, stream, Role::plain(name), &task, time)
        }
        Who::Function(name) => {
            let role = format!("{name}-exec");
            let since = session_start(time, 6 * 3600, bits % 4 * 1800);
            Caller {
                addr: caller::nat_addr(account, stream.region),
                agent: "Boto3/1.40.11 md/Botocore#1.40.11 ua/2.1 os/linux#5.10.244 md/arch#aarch64 lang/python#3.12.11 md/pyimpl#CPython exec-env/AWS_Lambda_python3.12 cfg/retry-mode#legacy".to_owned(),
                ..Caller::role_session(organisation, account, Role::plain(&role), name, since)
            }
        }
        Who::CiJob(name) => {
            let role = Role { via: Via::WebIdentity, ..Role::plain(name) };
            // Every run has its own session; runners are machines of the provider.
            let since = time - below(bits, 20) as i64;
            Caller {
                addr: format!("198.51.100.{}", 64 + below(mix(bits, 5), 60)),
                agent: "aws-sdk-nodejs/2.1692.0 linux/v20.19.4 configure-aws-credentials-for-github-actions promise".to_owned(),
                ..Caller::role_session(organisation, account, role, "GitHubActions", since)
            }
        }
        Who::Vendor(name) => Caller {
            addr: format!("198.51.100.{}", 200 + below(bits, 6)),
            agent: "aws-sdk-go-v2/1.39.2 ua/2.1 os/linux lang/go#1.25.1 md/GOOS#linux md/GOARCH#amd64 collector/4.2".to_owned(),
            ..Caller::role_session(organisation, account, Role::plain(name), "collector", session_start(time, 3600, 0))
        },
        Who::Linked(name, service, session) => {
            let path = format!("/aws-service-role/{service}/");
            let role = Role { path: &path, ..Role::plain(name) };
            let since = session_start(time, 3600, named(2, name));
            let mut caller = Caller::role_session(organisation, account, role, session, since);
            caller.identity.push_str(&format!(r#","invokedBy":"{service}""#));
            Caller { addr: service.to_owned(), agent: service.to_owned(), ..caller }
        }
        _ => Caller { account, session: "services".to_owned(), ..Caller::default() },
    }
}

/// A machine with an address of its own, calling through an endpoint of its VPC.
fn in_the_vpc(
    organisation: &Organisation,
    stream: &Stream,
    role: Role<'_>,
    session: &str,
    time: i64,
) -> Caller {
    let bits = named(organisation.seed, session);
    let since = session_start(time, 6 * 3600, bits);
    Caller {
        addr: caller::private_addr(stream.account, bits),
        agent: "aws-sdk-java/2.33.4 md/io#sync md/http#Apache ua/2.1 os/Linux#6.1.148-173.267.amzn2023.aarch64 lang/java#21.0.8 md/OpenJDK_64-Bit_Server_VM#21.0.8+9-LTS md/vendor#Amazon.com_Inc. exec-env/AWS_ECS_FARGATE m/D".to_owned(),
        endpoint: Some(organisation.owned_by_name(stream.account, "vpce", bits).to_owned()),
        ..Caller::role_session(organisation, stream.account, role, session, since)
    }
}

/// When the session that is open at a time began; sessions follow each other without a gap.
fn session_start(time: i64, length: i64, offset: u64) -> i64 {
    let offset = (offset % length as u64) as i64;
    (time - offset).div_euclid(length) * length + offset
}

/// The program in somebody's hand; people keep theirs.
fn agent(tool: Tool, person: u64) -> &'static str {
    const BROWSERS: [&str; 4] = [
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.1 Safari/605.1.15",
        "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
    ];
    const COMMANDS: [&str; 3] = [
        "aws-cli/2.31.8 md/awscrt#0.27.6 ua/2.1 os/macos#25.1.0 md/arch#arm64 lang/python#3.13.7 md/pyimpl#CPython m/b,E,Z cfg/retry-mode#standard md/installer#exe md/prompt#off",
        "aws-cli/2.28.1 md/awscrt#0.27.4 ua/2.1 os/linux#6.8.0-79-generic md/arch#x86_64 lang/python#3.13.4 md/pyimpl#CPython m/b,E cfg/retry-mode#standard md/installer#exe md/prompt#off",
        "aws-cli/1.29.62 md/Botocore#1.31.62 ua/2.0 os/linux#5.15.0-1051 md/arch#x86_64 lang/python#3.8.10 md/pyimpl#CPython cfg/retry-mode#legacy botocore/1.31.62",
    ];
    match tool {
        Tool::Browser => BROWSERS[below(person, BROWSERS.len())],
        Tool::Cli => COMMANDS[below(person, COMMANDS.len())],
        Tool::Terraform => {
            "APN/1.0 HashiCorp/1.0 Terraform/1.13.3 (+https://www.terraform.io) terraform-provider-aws/6.14.1 (+https://registry.terraform.io/providers/hashicorp/aws) aws-sdk-go-v2/1.39.2 ua/2.1 os/macos lang/go#1.24.6 md/GOOS#darwin md/GOARCH#arm64"
        }
        Tool::Sdk => {
            "Boto3/1.40.11 md/Botocore#1.40.11 ua/2.1 os/linux#6.1.148 md/arch#x86_64 lang/python#3.12.11 md/pyimpl#CPython cfg/retry-mode#legacy"
        }
    }
}
