//! Who does what, where and how often, as tables: the everyday life that the story hides in.
//!
//! A stream is one kind of caller in one account and Region. It works in tasks, short rows of
//! calls as one click, one command or one start of a machine makes them.

use crate::organisation::{Account, Region, Team};
use crate::rhythm::{Office, Rhythm};
use crate::tasks::*;

/// A kind of caller at work.
#[derive(Debug)]
pub struct Stream {
    pub who: Who,
    pub account: Account,
    pub region: Region,
    /// Its part of all records, in no particular unit.
    pub share: f64,
    pub rhythm: Rhythm,
    pub tasks: &'static [Task],
}

/// A kind of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// Somebody of a team in one of the offices, with a permission set.
    Team(Team, Office, &'static str),
    /// A user of old with a long-lived key.
    User { name: &'static str, addr: &'static str },
    /// The account's root, in a browser.
    Root(&'static str),
    /// An instance in its Auto Scaling group.
    Instance(&'static str),
    /// A container.
    Container(&'static str),
    /// A function with its role.
    Function(&'static str),
    /// A job with a web identity.
    CiJob(&'static str),
    /// A vendor's collector that assumes a role of ours.
    Vendor(&'static str),
    /// A service-linked role: name, service, session.
    Linked(&'static str, &'static str, &'static str),
    /// Services on their own account.
    Services,
}

/// The permission set that allows everything.
pub const ADMINISTRATOR: &str = "AdministratorAccess";
const DEVELOPER: &str = "DeveloperAccess";
const READER: &str = "ReadOnlyAccess";
const ANALYST: &str = "DataAnalyst";
const AUDITOR: &str = "SecurityAudit";
const BILLING: &str = "Billing";

/// Of whom the leaked key is.
pub const LEAKED_USER: &str = "ci-deploy";
/// Where the old CI server stands: in the office in Tokyo.
pub const CI_SERVER: &str = "203.0.113.70";

use Account::{Data, Dev, Management, Prod, Security, Staging};
use Office::{Berlin, Tokyo};
use Region::{Frankfurt, Virginia};

const fn stream(
    who: Who,
    account: Account,
    region: Region,
    share: f64,
    rhythm: Rhythm,
    tasks: &'static [Task],
) -> Stream {
    Stream { who, account, region, share, rhythm, tasks }
}

/// A team at its desks in one office.
const fn team(
    team: Team,
    office: Office,
    set: &'static str,
    account: Account,
    share: f64,
    tasks: &'static [Task],
) -> Stream {
    let region = match office {
        Tokyo => Region::Tokyo,
        Berlin => Frankfurt,
    };
    stream(Who::Team(team, office, set), account, region, share, Rhythm::Desk(office), tasks)
}

/// AWS Config in an account.
const fn recorder(account: Account, region: Region, share: f64) -> Stream {
    let who = Who::Linked("AWSServiceRoleForConfig", "config.amazonaws.com", "AWSConfig-Describe");
    stream(who, account, region, share, Rhythm::Steady, RECORD_CONFIGURATION)
}

/// Everything that goes on.
#[rustfmt::skip] // One stream, one line.
pub const STREAMS: &[Stream] = &[
    // The shop.
    stream(Who::Container("orders-api-task"), Prod, Region::Tokyo, 15.0, Rhythm::Shop, SERVICE_CONTAINER),
    stream(Who::Container("catalogue-api-task"), Prod, Region::Tokyo, 8.0, Rhythm::Shop, SERVICE_CONTAINER),
    stream(Who::Container("checkout-web-task"), Prod, Frankfurt, 3.0, Rhythm::Shop, SERVICE_CONTAINER),
    stream(Who::Instance("web-node"), Prod, Region::Tokyo, 10.0, Rhythm::Steady, INSTANCE),
    stream(Who::Function("invoice-maker"), Prod, Region::Tokyo, 6.0, Rhythm::Shop, FUNCTION),
    stream(Who::Function("stock-sync"), Prod, Region::Tokyo, 2.0, Rhythm::Hourly, FUNCTION),
    stream(Who::Function("order-export"), Prod, Region::Tokyo, 4.0, Rhythm::Shop, EXPORTER),
    stream(Who::Linked("AWSServiceRoleForAutoScaling", "autoscaling.amazonaws.com", "AutoScaling"), Prod, Region::Tokyo, 3.0, Rhythm::Shop, SCALING),
    stream(Who::Linked("AWSServiceRoleForECS", "ecs.amazonaws.com", "ecs-service-scheduler"), Prod, Region::Tokyo, 2.0, Rhythm::Shop, CONTAINER_AGENT),
    stream(Who::Linked("AWSBackupDefaultServiceRole", "backup.amazonaws.com", "AWSBackup-daily"), Prod, Region::Tokyo, 0.8, Rhythm::Nightly(17), DAILY_BACKUP),
    stream(Who::Services, Prod, Region::Tokyo, 2.0, Rhythm::Steady, SERVICES),
    stream(Who::Container("orders-api-task"), Staging, Region::Tokyo, 2.5, Rhythm::Desk(Tokyo), SERVICE_CONTAINER),
    stream(Who::Instance("web-node"), Staging, Region::Tokyo, 1.5, Rhythm::Steady, INSTANCE),
    stream(Who::Function("mail-sender"), Dev, Region::Tokyo, 1.0, Rhythm::Desk(Tokyo), FUNCTION),
    // Data.
    stream(Who::Function("nightly-etl"), Data, Region::Tokyo, 7.0, Rhythm::Nightly(18), NIGHTLY_ETL),
    stream(Who::Container("stream-loader"), Data, Region::Tokyo, 2.0, Rhythm::Shop, SERVICE_CONTAINER),
    team(Team::Analysts, Tokyo, ANALYST, Data, 2.5, ANALYSTS),
    stream(Who::Team(Team::Analysts, Berlin, ANALYST), Data, Region::Tokyo, 1.2, Rhythm::Desk(Berlin), ANALYSTS),
    // Deployments.
    stream(Who::CiJob("ci-release"), Prod, Region::Tokyo, 0.7, Rhythm::Desk(Tokyo), DEPLOY),
    stream(Who::CiJob("ci-release"), Staging, Region::Tokyo, 1.8, Rhythm::Desk(Tokyo), DEPLOY),
    stream(Who::CiJob("ci-release"), Staging, Frankfurt, 0.8, Rhythm::Desk(Berlin), DEPLOY),
    // Watchers.
    stream(Who::Vendor("ObservabilityReader"), Prod, Region::Tokyo, 4.0, Rhythm::Steady, COLLECT),
    stream(Who::Vendor("ObservabilityReader"), Prod, Frankfurt, 1.5, Rhythm::Steady, COLLECT),
    recorder(Prod, Region::Tokyo, 2.5),
    recorder(Prod, Frankfurt, 0.8),
    recorder(Staging, Region::Tokyo, 0.8),
    recorder(Dev, Region::Tokyo, 0.8),
    recorder(Data, Region::Tokyo, 0.6),
    recorder(Security, Region::Tokyo, 0.4),
    recorder(Management, Virginia, 0.3),
    stream(Who::Services, Security, Region::Tokyo, 3.0, Rhythm::Steady, TRAIL),
    team(Team::Security, Tokyo, AUDITOR, Security, 1.2, SECURITY),
    team(Team::Security, Berlin, AUDITOR, Prod, 1.0, SECURITY),
    // People.
    team(Team::Platform, Tokyo, ADMINISTRATOR, Prod, 2.2, PLATFORM),
    team(Team::Platform, Tokyo, ADMINISTRATOR, Staging, 1.4, PLATFORM),
    team(Team::Platform, Berlin, ADMINISTRATOR, Prod, 1.2, PLATFORM),
    team(Team::Shop, Tokyo, READER, Prod, 1.6, DEVELOPERS),
    team(Team::Shop, Tokyo, DEVELOPER, Dev, 2.8, DEVELOPERS_AT_HOME),
    team(Team::Shop, Berlin, DEVELOPER, Dev, 2.0, DEVELOPERS_AT_HOME),
    team(Team::Shop, Berlin, READER, Prod, 0.8, DEVELOPERS),
    stream(Who::Team(Team::Finance, Tokyo, BILLING), Management, Virginia, 0.3, Rhythm::Desk(Tokyo), FINANCE),
    // What should have been tidied up long ago.
    stream(Who::User { name: LEAKED_USER, addr: CI_SERVER }, Dev, Region::Tokyo, 0.5, Rhythm::Desk(Tokyo), OLD_CI),
    stream(Who::User { name: "mailer-legacy", addr: "203.0.113.233" }, Prod, Region::Tokyo, 0.4, Rhythm::Steady, OLD_MAILER),
    stream(Who::User { name: "backup-legacy", addr: "203.0.113.71" }, Security, Region::Tokyo, 0.1, Rhythm::Nightly(16), OLD_BACKUP),
    stream(Who::User { name: "k.mori", addr: "203.0.113.11" }, Dev, Region::Tokyo, 0.15, Rhythm::Desk(Tokyo), OLD_ADMIN),
    stream(Who::Root("203.0.113.12"), Management, Virginia, 0.01, Rhythm::Desk(Tokyo), ROOT),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events;

    #[test]
    fn every_call_of_every_task_has_a_row() {
        for stream in STREAMS {
            for call in stream.tasks.iter().flat_map(|task| task.calls.split_whitespace()) {
                assert!(events::find(call).is_some(), "{call}");
            }
        }
    }

    #[test]
    fn every_row_is_used() {
        let used: Vec<_> = STREAMS
            .iter()
            .flat_map(|stream| stream.tasks)
            .flat_map(|task| task.calls.split_whitespace())
            .filter_map(events::find)
            .map(|event| (event.service, event.name, event.variant))
            .collect();
        for event in events::TABLES.iter().flat_map(|table| table.iter()) {
            let key = (event.service, event.name, event.variant);
            assert!(used.contains(&key), "nobody calls {key:?}");
        }
    }
}
