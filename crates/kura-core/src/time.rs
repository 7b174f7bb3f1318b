//! Times: microseconds since the epoch in UTC, read from what logs and people write.
//!
//! Logs write RFC 3339 (`2021-07-29T23:55:01Z`); people write that, a date, or how long
//! ago (`15m`, `24h`, `7d`).

use chrono::{DateTime, Datelike, Duration, NaiveDate, NaiveDateTime, SecondsFormat, Utc};

/// Microseconds since 1970-01-01 in UTC: what `_time` holds.
pub type Micros = i64;

pub const MICROS_PER_SECOND: i64 = 1_000_000;
pub const MICROS_PER_DAY: i64 = 86_400 * MICROS_PER_SECOND;

/// A record dated further off than this lies in the partition of its arrival.
const PAST_DAYS_MAX: i64 = 20 * 365 + 5;
const FUTURE_DAYS_MAX: i64 = 2;

/// Days since the epoch: what the `day` partition holds.
#[must_use]
pub fn day_of(time: Micros) -> i32 {
    i32::try_from(time.div_euclid(MICROS_PER_DAY)).unwrap_or(0)
}

/// The partition of a record: the day of its time, unless that is so far off that it can
/// only be wrong; then the day it arrived.
#[must_use]
pub fn partition_day(time: Micros, arrival: Micros) -> i32 {
    let near = arrival.saturating_sub(PAST_DAYS_MAX * MICROS_PER_DAY)
        ..=arrival.saturating_add(FUTURE_DAYS_MAX * MICROS_PER_DAY);
    day_of(if near.contains(&time) { time } else { arrival })
}

/// `2021-07-29` for days since the epoch.
#[must_use]
pub fn day_text(day: i32) -> String {
    date_of(day).format("%Y-%m-%d").to_string()
}

#[must_use]
pub fn date_of(day: i32) -> NaiveDate {
    NaiveDate::from_epoch_days(day).unwrap_or_default()
}

#[must_use]
pub fn parse_day(text: &str) -> Option<i32> {
    // As nearly all are written; the calendar's own parser takes `2021-7-9`, too.
    if let Some(day) = parse_date(text.as_bytes()) {
        return i32::try_from(day).ok();
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.num_days_from_ce() - NaiveDate::from_epoch_days(0)?.num_days_from_ce())
}

/// RFC 3339 with microseconds, in UTC; what no calendar has (a time too far off) is shown
/// as the number it is.
#[must_use]
pub fn rfc3339(time: Micros) -> String {
    DateTime::<Utc>::from_timestamp_micros(time)
        .map_or_else(|| time.to_string(), |t| t.to_rfc3339_opts(SecondsFormat::Micros, true))
}

/// The time a log wrote: RFC 3339, with or without fraction, zone or `T`, or a zone without its
/// colon.
///
/// Read by hand: in a log of short lines a calendar's parser is most of the work.
#[must_use]
pub fn parse_log_time(text: &str) -> Option<Micros> {
    let bytes = text.as_bytes();
    let date = parse_date(bytes.get(..10)?)?;
    let (b'T' | b't' | b' ') = bytes.get(10)? else { return None };
    let seconds = parse_clock(bytes.get(11..19)?)?;
    let (fraction, rest) = match bytes.get(19) {
        Some(b'.') => parse_fraction(&bytes[20..])?,
        _ => (0, &bytes[19..]),
    };
    let offset = parse_zone(rest)?;
    Some(date * MICROS_PER_DAY + (seconds - offset) * MICROS_PER_SECOND + fraction)
}

/// `06/Feb/2019:00:00:38 +0000`: the Common Log Format's.
#[must_use]
pub fn parse_clf_time(text: &str) -> Option<Micros> {
    let bytes = text.as_bytes();
    if bytes.len() != 26 || bytes[2] != b'/' || bytes[6] != b'/' || bytes[11] != b':' {
        return None;
    }
    let month = 1 + u32::try_from(MONTHS.iter().position(|name| **name == bytes[3..6])?).ok()?;
    let date = civil_day(number(&bytes[7..11])?, month, number(&bytes[..2])?)?;
    let (seconds, offset) = (parse_clock(&bytes[12..20])?, parse_zone(bytes.get(21..)?)?);
    (bytes[20] == b' ').then_some(date * MICROS_PER_DAY + (seconds - offset) * MICROS_PER_SECOND)
}

/// `08:15:00`, since midnight.
#[must_use]
pub fn parse_time_of_day(text: &str) -> Option<Micros> {
    Some(parse_clock(text.as_bytes())? * MICROS_PER_SECOND)
}

const MONTHS: [&[u8; 3]; 12] = [
    b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec",
];

/// Digits and nothing else.
fn number(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0u32, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    })
}

/// `2021-07-29`, as days since 1970.
fn parse_date(text: &[u8]) -> Option<i64> {
    if text.len() != 10 || text[4] != b'-' || text[7] != b'-' {
        return None;
    }
    civil_day(number(&text[..4])?, number(&text[5..7])?, number(&text[8..])?)
}

fn civil_day(year: u32, month: u32, day: u32) -> Option<i64> {
    let date = NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)?;
    Some(i64::from(date.num_days_from_ce()) - DAYS_TO_1970)
}

/// From the first day of the year 1 on.
const DAYS_TO_1970: i64 = 719_163;

/// `23:55:01`, as seconds since midnight; a leap second is the one before.
fn parse_clock(text: &[u8]) -> Option<i64> {
    if text.len() != 8 || text[2] != b':' || text[5] != b':' {
        return None;
    }
    let (hour, minute, second) = (number(&text[..2])?, number(&text[3..5])?, number(&text[6..])?);
    let in_range = hour < 24 && minute < 60 && second <= 60;
    in_range.then(|| i64::from(hour * 3_600 + minute * 60 + second.min(59)))
}

/// The digits behind a point, as microseconds, and what stands behind them.
fn parse_fraction(text: &[u8]) -> Option<(Micros, &[u8])> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (digits, rest) = text.split_at(length);
    let mut micros = i64::from(number(digits.get(..length.min(6))?)?);
    for _ in length..6 {
        micros *= 10;
    }
    (length > 0).then_some((micros, rest))
}

/// `Z`, `+09:00`, `+0900` or nothing, which is UTC, as seconds.
fn parse_zone(text: &[u8]) -> Option<i64> {
    let (sign, hours, minutes) = match text {
        [] | [b'Z' | b'z'] => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => {
            (sign, number(&[*h1, *h2])?, number(&[*m1, *m2])?)
        }
        _ => return None,
    };
    let seconds = (hours < 24 && minutes < 60).then(|| i64::from(hours * 3_600 + minutes * 60))?;
    match sign {
        b'+' => Some(seconds),
        b'-' => Some(-seconds),
        _ => None,
    }
}

/// The time that some program wrote: what [`parse_log_time`] reads, or a number.
#[must_use]
pub fn parse_any_time(text: &str) -> Option<Micros> {
    let number = || time_of_number(text.parse().ok()?);
    parse_log_time(text).or_else(number)
}

/// Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size:
/// from 1973 to 2286. `20240101120000` is none of them.
#[must_use]
pub fn time_of_number(number: f64) -> Option<Micros> {
    let micros = match number {
        1e8..1e10 => number * 1e6,
        1e11..1e13 => number * 1e3,
        1e14..1e16 => number,
        1e17..1e19 => number / 1e3,
        _ => return None,
    };
    // Far within 64 bits, by the ranges above.
    Some(micros.round() as i64)
}

#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is not a time; write `2026-11-21T08:00:00Z`, `2026-11-21`, or how long ago: `15m`, `24h`, `7d`"
)]
pub struct ParseTimeError(String);

/// The time a person wrote, `now` being the point that `24h` counts back from.
pub fn parse_person_time(text: &str, now: Micros) -> Result<Micros, ParseTimeError> {
    let text = text.trim();
    let parsed = match text {
        "now" => Some(now),
        _ => parse_ago(text).map(|ago| now.saturating_sub(ago)),
    };
    parsed
        .or_else(|| parse_log_time(text))
        .or_else(|| Some(i64::from(parse_day(text)?) * MICROS_PER_DAY))
        .or_else(|| {
            let minutes = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M").ok()?;
            Some(minutes.and_utc().timestamp_micros())
        })
        .ok_or_else(|| ParseTimeError(text.to_owned()))
}

fn parse_ago(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let number: i64 = number.parse().ok().filter(|n| (0..1_000_000).contains(n))?;
    let ago = match unit {
        "s" => Duration::seconds(number),
        "m" => Duration::minutes(number),
        "h" => Duration::hours(number),
        "d" => Duration::days(number),
        "w" => Duration::weeks(number),
        _ => return None,
    };
    ago.num_microseconds()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Micros = 1_700_000_000 * MICROS_PER_SECOND;

    #[test]
    fn log_times() {
        let second = 1_627_602_901 * MICROS_PER_SECOND;
        for (text, expected) in [
            ("2021-07-29T23:55:01Z", Some(second)),
            ("2021-07-29T23:55:01.5Z", Some(second + 500_000)),
            ("2021-07-30T08:55:01+09:00", Some(second)),
            ("2021-07-30T08:55:01.000+0900", Some(second)),
            ("2021-07-29 23:55:01", Some(second)),
            ("2021-07-29T23:55:01", Some(second)),
            ("2021-07-29T23:55:01.123456789Z", Some(second + 123_456)),
            ("2021-07-29T20:25:01.1-03:30", Some(second + 100_000)),
            ("1969-12-31T23:59:59.9Z", Some(-100_000)),
            ("2021-07-29T23:55:60Z", Some(second + 58 * MICROS_PER_SECOND)),
            ("2021-02-29T00:00:00Z", None),
            ("2021-07-29T23:55:01.Z", None),
            ("2021-07-29T23:55:01+9", None),
            ("2021-07-29", None),
            ("２０21-07-29T23:55:01", None),
            ("2021-13-29T23:55:01Z", None),
            ("2021-07-29T24:55:01Z", None),
            ("2021-07-29T23:55:0xZ", None),
            ("", None),
        ] {
            assert_eq!(parse_log_time(text), expected, "{text}");
        }
    }

    #[test]
    fn web_servers_write_times_of_their_own() {
        let second = 1_627_602_901 * MICROS_PER_SECOND;
        for (text, expected) in [
            ("29/Jul/2021:23:55:01 +0000", Some(second)),
            ("30/Jul/2021:08:55:01 +0900", Some(second)),
            ("29/Jux/2021:23:55:01 +0000", None),
            ("29/Jul/2021:23:55:01", None),
            ("31/Feb/2021:23:55:01 +0000", None),
            ("29/Jul/2021 23:55:01 +0000", None),
        ] {
            assert_eq!(parse_clf_time(text), expected, "{text}");
        }
        assert_eq!(parse_time_of_day("08:15:00"), Some(29_700 * MICROS_PER_SECOND));
        assert_eq!(parse_time_of_day("24:00:00"), None);
    }

    #[test]
    fn numbers_are_times_by_their_size() {
        let second = 1_627_602_901 * MICROS_PER_SECOND;
        for (text, expected) in [
            ("1627602901", Some(second)),
            ("1627602901.25", Some(second + 250_000)),
            ("1627602901500", Some(second + 500_000)),
            ("1627602901000001", Some(second + 1)),
            ("1627602901000000000", Some(second)),
            ("2021-07-29T23:55:01Z", Some(second)),
            ("12", None),
            ("20240101120000", None),
            ("-1627602901", None),
            ("1e300", None),
            ("NaN", None),
        ] {
            assert_eq!(parse_any_time(text), expected, "{text}");
        }
    }

    #[test]
    fn people_write_times_in_several_ways() {
        let day = i64::from(parse_day("2026-11-21").expect("a date")) * MICROS_PER_DAY;
        for (text, expected) in [
            ("1h", Some(NOW - 3600 * MICROS_PER_SECOND)),
            ("7d", Some(NOW - 7 * MICROS_PER_DAY)),
            ("now", Some(NOW)),
            ("2026-11-21", Some(day)),
            ("2026-11-21T01:00", Some(day + 3600 * MICROS_PER_SECOND)),
            ("yesterday", None),
            ("9999999999d", None),
            ("é", None),
            ("", None),
        ] {
            assert_eq!(parse_person_time(text, NOW).ok(), expected, "{text}");
        }
    }

    #[test]
    fn far_times_lie_in_the_day_of_arrival() {
        let arrived = day_of(NOW);
        assert_eq!(partition_day(NOW - MICROS_PER_DAY, NOW), arrived - 1);
        assert_eq!(partition_day(0, NOW), arrived);
        assert_eq!(partition_day(NOW + 3 * MICROS_PER_DAY, NOW), arrived);
        assert_eq!(partition_day(i64::MAX, NOW), arrived);
        assert_eq!(partition_day(i64::MIN, NOW), arrived);
    }
}
