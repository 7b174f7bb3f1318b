//! Times as the logs write them. Seconds since 1970 inside, text at the edge.

use std::fmt::Write;

use chrono::{DateTime, Datelike, NaiveDate, Timelike, Utc};

/// Seconds in a day.
pub const DAY: i64 = 86_400;

/// CloudTrail names its objects by five minutes; the generator works in the same steps.
pub const SLOT: i64 = 300;

/// Seconds since 1970 at the start of a day (UTC).
pub fn midnight(day: NaiveDate) -> i64 {
    day.and_time(chrono::NaiveTime::MIN).and_utc().timestamp()
}

/// The calendar's view of a time.
pub fn calendar(time: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(time, 0).unwrap_or_default()
}

/// Appends `2026-11-18T02:14:09Z`.
pub fn push_iso(out: &mut String, time: i64) {
    let at = calendar(time);
    let date = [
        (at.month(), '-'),
        (at.day(), 'T'),
        (at.hour(), ':'),
        (at.minute(), ':'),
        (at.second(), 'Z'),
    ];
    // Twice in most records, hence without the formatting machinery.
    push_two_digits(out, at.year() as u32 / 100);
    push_two_digits(out, at.year() as u32 % 100);
    out.push('-');
    for (number, behind) in date {
        push_two_digits(out, number);
        out.push(behind);
    }
}

fn push_two_digits(out: &mut String, number: u32) {
    for digit in [number / 10, number] {
        out.push(char::from(b'0' + (digit % 10) as u8));
    }
}

/// `2026-11-18T02:14:09Z`.
pub fn iso(time: i64) -> String {
    let mut text = String::with_capacity(20);
    push_iso(&mut text, time);
    text
}

/// Appends `Nov 18, 2026, 2:14:09 AM`, how responses of the older services print a time.
pub fn push_american(out: &mut String, time: i64) {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let at = calendar(time);
    let (afternoon, hour) = at.hour12();
    // Writing to a String cannot fail.
    let _ = write!(
        out,
        "{} {}, {}, {}:{:02}:{:02} {}",
        MONTHS[at.month0() as usize],
        at.day(),
        at.year(),
        hour,
        at.minute(),
        at.second(),
        if afternoon { "PM" } else { "AM" }
    );
}

/// `2026/11/18`, the day in an object's key.
pub fn folder(time: i64) -> String {
    let at = calendar(time);
    format!("{:04}/{:02}/{:02}", at.year(), at.month(), at.day())
}

/// `20261118T0215Z`, the minute in an object's name.
pub fn minute(time: i64) -> String {
    calendar(time).format("%Y%m%dT%H%MZ").to_string()
}

/// `20261118T021532Z`, the second in a digest's name.
pub fn second(time: i64) -> String {
    calendar(time).format("%Y%m%dT%H%M%SZ").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_aws_writes_them() {
        let time = 1_795_004_049;
        let mut american = String::new();
        push_american(&mut american, time);
        assert_eq!(iso(time), "2026-11-18T12:14:09Z");
        assert_eq!(american, "Nov 18, 2026, 12:14:09 PM");
        assert_eq!(folder(time), "2026/11/18");
        assert_eq!(minute(time), "20261118T1214Z");
        assert_eq!(second(time), "20261118T121409Z");
    }
}
