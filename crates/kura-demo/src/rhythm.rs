//! When things happen: how busy each kind of work is at a given moment.

use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc, Weekday};

/// Where people work; it decides their hours and their addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Office {
    Tokyo,
    Berlin,
}

/// The shape of a workload over days and hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rhythm {
    /// People at their desks, with a few who look in at night and at weekends.
    Desk(Office),
    /// The shop's customers, who live in Japan: busy at lunch and in the evening, every day.
    Shop,
    /// Machines that never rest.
    Steady,
    /// A job within one hour of each night (UTC).
    Nightly(u32),
    /// A job in the first ten minutes of each hour.
    Hourly,
}

/// Hours of a working day, one weight per local hour from midnight on.
const DESK_HOURS: [f64; 24] = [
    0.04, 0.02, 0.01, 0.01, 0.01, 0.02, 0.05, 0.15, 0.45, 1.0, 1.5, 1.5, 0.8, 1.2, 1.6, 1.5, 1.4,
    1.2, 0.8, 0.45, 0.3, 0.2, 0.15, 0.08,
];

/// Hours of the shop, in Japan.
const SHOP_HOURS: [f64; 24] = [
    0.5, 0.3, 0.2, 0.15, 0.15, 0.2, 0.4, 0.7, 0.9, 1.0, 1.1, 1.3, 1.6, 1.3, 1.1, 1.1, 1.1, 1.2,
    1.4, 1.6, 1.8, 1.9, 1.5, 0.9,
];

const WEEKEND_AT_THE_DESK: f64 = 0.06;
const WEEKEND_IN_THE_SHOP: f64 = 1.25;

impl Rhythm {
    /// How busy it is at a moment, 1 being an ordinary hour.
    pub fn weight(self, moment: DateTime<Utc>) -> f64 {
        match self {
            Rhythm::Steady => 1.0,
            Rhythm::Desk(office) => {
                let local = office.local(moment);
                weekend(local, WEEKEND_AT_THE_DESK) * DESK_HOURS[local.hour() as usize]
            }
            Rhythm::Shop => {
                let local = Office::Tokyo.local(moment);
                weekend(local, WEEKEND_IN_THE_SHOP) * SHOP_HOURS[local.hour() as usize]
            }
            Rhythm::Nightly(hour) if moment.hour() == hour => 24.0,
            Rhythm::Hourly if moment.minute() < 10 => 6.0,
            Rhythm::Nightly(_) | Rhythm::Hourly => 0.0,
        }
    }
}

impl Office {
    /// The clock on the office's wall, in a value that claims to be UTC.
    fn local(self, moment: DateTime<Utc>) -> DateTime<Utc> {
        moment
            + Duration::hours(match self {
                Office::Tokyo => 9,
                Office::Berlin if is_european_summer(moment) => 2,
                Office::Berlin => 1,
            })
    }
}

fn weekend(local: DateTime<Utc>, weight: f64) -> f64 {
    match local.weekday() {
        Weekday::Sat | Weekday::Sun => weight,
        _ => 1.0,
    }
}

/// Summer time lasts from the last Sunday of March to the last of October, 01:00 UTC both.
fn is_european_summer(moment: DateTime<Utc>) -> bool {
    let change = |month| {
        let last = NaiveDate::from_ymd_opt(moment.year(), month, 31).unwrap_or_default();
        let sunday = last - Duration::days(i64::from(last.weekday().num_days_from_sunday()));
        sunday.and_time(chrono::NaiveTime::MIN).and_utc() + Duration::hours(1)
    };
    (change(3)..change(10)).contains(&moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().expect("a time")
    }

    #[test]
    fn offices_follow_their_own_clocks() {
        let berlin = Rhythm::Desk(Office::Berlin);
        let tokyo = Rhythm::Desk(Office::Tokyo);
        // Wednesday: 10 o'clock in Tokyo, 2 at night in Berlin.
        assert!(tokyo.weight(at("2026-11-18T01:00:00Z")) > 1.0);
        assert!(berlin.weight(at("2026-11-18T01:00:00Z")) < 0.1);
        // Saturday starts in Tokyo while it is Friday afternoon in Berlin.
        assert!(berlin.weight(at("2026-11-20T15:30:00Z")) > 1.0);
        assert!(tokyo.weight(at("2026-11-20T15:30:00Z")) < 0.1);
    }

    #[test]
    fn berlin_changes_its_clock_on_the_last_sunday_of_march_and_october() {
        assert!(!is_european_summer(at("2026-03-29T00:59:59Z")));
        assert!(is_european_summer(at("2026-03-29T01:00:00Z")));
        assert!(is_european_summer(at("2026-10-25T00:59:59Z")));
        assert!(!is_european_summer(at("2026-10-25T01:00:00Z")));
    }
}
