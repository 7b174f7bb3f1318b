//! Times in the many ways that logs write them, each by its own form.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime};
use kura_core::time::{
    MICROS_PER_DAY, MICROS_PER_SECOND, Micros, parse_any_time, parse_clf_time, parse_log_time,
};

/// How a log writes its time.
#[derive(Debug, Clone, Default)]
pub enum WrittenTime {
    /// RFC 3339, or a number of seconds, milliseconds, microseconds or nanoseconds.
    #[default]
    Any,
    /// `06/Feb/2019:00:00:38 +0000`, as web servers do.
    Clf,
    /// One of these forms, in the letters of `strftime`, tried in their order. One without a
    /// year means the year that brings it nearest to the arrival; one without a zone is in
    /// UTC.
    Forms(Cow<'static, [Cow<'static, str>]>),
    /// See [`parse_loose_time`].
    Loose,
    /// In the first of these ways that fits.
    FirstOf(&'static [WrittenTime]),
}

const MICROS_PER_HOUR: Micros = 3_600 * MICROS_PER_SECOND;

/// A clock that runs before the reader's may write times that are still to come.
const AHEAD_MAX: Micros = MICROS_PER_DAY;

impl WrittenTime {
    #[must_use]
    pub fn parse(&self, text: &str, arrival: Micros) -> Option<Micros> {
        match self {
            WrittenTime::Any => parse_any_time(text),
            WrittenTime::Clf => parse_clf_time(text),
            WrittenTime::Loose => parse_loose_time(text, arrival),
            WrittenTime::FirstOf(ways) => ways.iter().find_map(|way| way.parse(text, arrival)),
            WrittenTime::Forms(forms) => forms.iter().find_map(|form| read(text, form, arrival)),
        }
    }
}

/// How programs of every kind write times, the likeliest first.
static LOOSE: [WrittenTime; 3] =
    [WrittenTime::Any, WrittenTime::Clf, WrittenTime::Forms(Cow::Borrowed(LOOSE_FORMS))];

const fn form(letters: &'static str) -> Cow<'static, str> {
    Cow::Borrowed(letters)
}

const LOOSE_FORMS: &[Cow<'static, str>] = &[
    form("%Y-%m-%d %H:%M:%S,%f"),
    form("%Y-%m-%dT%H:%M:%S,%f"),
    form("%Y-%m-%d %H:%M:%S%.f %z"),
    form("%Y-%m-%d %H:%M:%S%.f %:z"),
    form("%Y-%m-%d %H:%M:%S%.f UTC"),
    form("%Y/%m/%d %H:%M:%S%.f"),
    form("%Y/%m/%d %H:%M:%S,%f"),
    form("%Y.%m.%d %H:%M:%S%.f"),
    form("%d/%b/%Y:%H:%M:%S"),
    form("%d/%b/%Y %H:%M:%S%.f"),
    form("%d-%b-%Y %H:%M:%S%.f"),
    form("%b %e %H:%M:%S%.f"),
    form("%b %e %Y %H:%M:%S%.f"),
    form("%b %e, %Y %H:%M:%S%.f"),
    form("%b %e, %Y %I:%M:%S %p"),
    form("%a %b %e %H:%M:%S%.f %Y"),
    form("%a %b %e %H:%M:%S UTC %Y"),
    form("%a, %d %b %Y %H:%M:%S %z"),
    form("%a, %d %b %Y %H:%M:%S GMT"),
    form("%m/%d/%Y %H:%M:%S%.f"),
    form("%m/%d/%Y %I:%M:%S %p"),
    form("%m%d %H:%M:%S%.f"),
    form("%Y-%m-%d"),
];

/// A time in whichever way it is written.
#[must_use]
pub fn parse_loose_time(text: &str, arrival: Micros) -> Option<Micros> {
    LOOSE.iter().find_map(|way| way.parse(text, arrival))
}

/// `chrono` takes the digits of `%f` for nanoseconds, however few they are: they become nine.
fn decimal<'a>(text: &'a str, form: &str) -> Cow<'a, str> {
    match text.rsplit_once(',').filter(|_| form.ends_with(",%f")) {
        Some((_, digits)) if digits.len() < 9 => {
            Cow::Owned(format!("{text}{:0<width$}", "", width = 9 - digits.len()))
        }
        _ => Cow::Borrowed(text),
    }
}

fn read(text: &str, form: &str, arrival: Micros) -> Option<Micros> {
    if !may_be(text, form) {
        return None;
    }
    if has_any(form, &["%Y", "%y", "%s", "%F", "%D", "%c", "%+", "%G"]) {
        return read_whole(text, form);
    }
    let year = DateTime::from_timestamp_micros(arrival)?.year();
    let of_year = |year: i32| read_whole(&format!("{year} {text}"), &format!("%Y {form}"));
    // On New Year's Eve a log of the old year is read, and on the 29th of February only some
    // years have the day.
    of_year(year).filter(|time| *time <= arrival + AHEAD_MAX).or_else(|| of_year(year - 1))
}

/// Whether a text may be of a form at all, by how both begin: most of many forms are ruled out
/// before a calendar's parser is asked.
fn may_be(text: &str, form: &str) -> bool {
    let (Some(&first), [b'%', begins, then, ..]) = (text.as_bytes().first(), form.as_bytes())
    else {
        return true;
    };
    let fits = match begins {
        b'a' | b'b' => !first.is_ascii_digit(),
        b'Y' | b'm' | b'd' => !first.is_ascii_alphabetic(),
        _ => return true,
    };
    fits && (!matches!(then, b'-' | b'/' | b'.' | b',') || text.as_bytes().contains(then))
}

fn has_any(form: &str, specifiers: &[&str]) -> bool {
    specifiers.iter().any(|specifier| form.contains(specifier))
}

fn read_whole(text: &str, form: &str) -> Option<Micros> {
    if let Some(time) = read_plain(text, form) {
        return Some(time);
    }
    let text: &str = &decimal(text, form);
    if let Some(form) = form.strip_suffix(" %Z") {
        let (text, zone) = text.rsplit_once(' ')?;
        return Some(read_whole(text, form)? - hours_ahead(zone) * MICROS_PER_HOUR);
    }
    if has_any(form, &["%z", "%:z", "%#z", "%s", "%+"]) {
        let time = DateTime::parse_from_str(text, form).ok().map(|time| time.timestamp_micros());
        return time.or_else(|| epoch_seconds(text, form));
    }
    let local = NaiveDateTime::parse_from_str(text, form).ok();
    let midnight = || NaiveDate::parse_from_str(text, form).ok()?.and_hms_opt(0, 0, 0);
    Some(local.or_else(midnight)?.and_utc().timestamp_micros())
}

/// The likeliest forms, read by hand where a calendar's parser would read the same: leap seconds,
/// and what is written oddly, are left to that.
fn read_plain(text: &str, form: &str) -> Option<Micros> {
    let form = form.strip_prefix("%Y-%m-%d %H:%M:%S")?;
    let (seconds, fraction) = text.split_at_checked("2026-11-20 10:00:00".len())?;
    let micros = match (form, fraction.as_bytes()) {
        ("" | "%.f", []) => 0,
        ("%.f", [b'.', digits @ ..]) | (",%f", [b',', digits @ ..]) => micros_of(digits)?,
        (",%3f", [b',', digits @ ..]) if digits.len() == 3 => micros_of(digits)?,
        _ => return None,
    };
    let is_plain = seconds.as_bytes()[10] == b' ' && seconds.as_bytes()[17] != b'6';
    Some(parse_log_time(seconds).filter(|_| is_plain)? + micros)
}

/// The digits of a part of a second.
fn micros_of(digits: &[u8]) -> Option<Micros> {
    let is_part = (1..=9).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit);
    let padded = digits.iter().copied().chain(std::iter::repeat(b'0')).take(6);
    is_part.then(|| padded.fold(0, |micros, digit| 10 * micros + Micros::from(digit - b'0')))
}

/// Of the names of zones that mean one thing only; others are taken for UTC.
fn hours_ahead(zone: &str) -> i64 {
    match zone {
        "JST" | "KST" => 9,
        "AEST" => 10,
        "AEDT" => 11,
        "NZST" => 12,
        "NZDT" => 13,
        "EEST" | "MSK" => 3,
        "EET" | "CEST" | "SAST" => 2,
        "CET" | "WEST" => 1,
        "EDT" => -4,
        "EST" | "CDT" => -5,
        "MDT" => -6,
        "MST" | "PDT" => -7,
        "PST" => -8,
        // `+09`: zones without a name of their own.
        _ => zone.strip_prefix(['+', '-']).map_or(0, |_| zone.parse().unwrap_or(0)),
    }
}

/// `%s` alone says the zone, too.
fn epoch_seconds(text: &str, form: &str) -> Option<Micros> {
    let seconds = (form == "%s").then(|| text.parse::<i64>().ok())??;
    seconds.checked_mul(MICROS_PER_SECOND)
}

#[cfg(test)]
mod tests {
    use kura_core::time::parse_log_time;

    use super::*;

    #[track_caller]
    fn check(form: &'static str, arrival: &str, text: &str, expected: Option<&str>) {
        let forms = WrittenTime::Forms(vec![Cow::Borrowed(form)].into());
        let arrival = parse_log_time(arrival).expect("a time");
        let expected = expected.and_then(parse_log_time);
        assert_eq!(forms.parse(text, arrival), expected, "{text} as {form}");
    }

    #[test]
    fn forms_with_and_without_year_and_zone() {
        let now = "2026-03-01T12:00:00Z";
        let is = |form, text, expected| check(form, now, text, expected);
        is("%Y-%m-%d %H:%M:%S,%3f", "2026-02-28 01:02:03,456", Some("2026-02-28T01:02:03.456Z"));
        is("%d/%m/%Y %H:%M %z", "28/02/2026 01:02 +0900", Some("2026-02-27T16:02:00Z"));
        is("%s", "1772323200", Some("2026-03-01T00:00:00Z"));
        is("%Y-%m-%d %H:%M:%S%.f %Z", "2026-02-28 10:02:03.5 JST", Some("2026-02-28T01:02:03.5Z"));
        is("%Y-%m-%d %H:%M:%S%.f %Z", "2026-02-28 10:02:03 -03", Some("2026-02-28T13:02:03Z"));
        is("%Y-%m-%d %H:%M:%S%.f %Z", "2026-02-28 10:02:03 UTC", Some("2026-02-28T10:02:03Z"));
        is("%y%m%d %H:%M:%S", "260228  1:02:03", Some("2026-02-28T01:02:03Z"));
        is("%Y%m%d", "20260228", Some("2026-02-28T00:00:00Z"));
        is("%b %e %H:%M:%S", "Mar  2 11:00:00", Some("2026-03-02T11:00:00Z"));
        is("%b %e %H:%M:%S", "Dec 31 23:59:59", Some("2025-12-31T23:59:59Z"));
        is("%b %e %H:%M:%S", "Feb 29 00:00:00", None);
        is("%b %e %H:%M:%S", "yesterday", None);
        is("%H:%M", "12:00", None);
    }

    /// Of the likeliest forms, too, what is odd is read as the calendar's parser reads it.
    #[test]
    fn odd_times_in_likely_forms() {
        let now = "2026-03-01T12:00:00Z";
        let is = |form, text, expected| check(form, now, text, expected);
        let form = "%Y-%m-%d %H:%M:%S%.f";
        is(form, "2026-02-28 01:02:03.1234567891", Some("2026-02-28T01:02:03.123456Z"));
        is(form, "1969-12-31 23:59:59.9", Some("1969-12-31T23:59:59.9Z"));
        is(form, "2026-02-28 23:59:60.5", Some("2026-03-01T00:00:00.5Z"));
        is(form, "2026-2-8 1:02:03", Some("2026-02-08T01:02:03Z"));
        for text in ["2026-02-30 01:02:03", "2026-02-28 01:02:03.", "2026-02-28 01:02:03Z", "é"] {
            is(form, text, None);
        }
        is("%Y-%m-%d %H:%M:%S,%3f", "2026-02-28 01:02:03,4567", None);
        is("%Y-%m-%d %H:%M:%S,%f", "2026-02-28 01:02:03,4567", Some("2026-02-28T01:02:03.4567Z"));
        is("%Y-%m-%d %H:%M:%S", "2026-02-28T01:02:03", None);
    }

    #[test]
    fn times_in_whichever_way_they_are_written() {
        let now = parse_log_time("2026-11-21T00:00:00Z").expect("a time");
        for (text, expected) in [
            ("2026-11-20T10:00:00.5+09:00", "2026-11-20T01:00:00.5Z"),
            ("1795168800", "2026-11-20T10:00:00Z"),
            ("2026-11-20 10:00:00,123", "2026-11-20T10:00:00.123Z"),
            ("2026-11-20 10:00:00.123456", "2026-11-20T10:00:00.123456Z"),
            ("2026-11-20 10:00:00 +0900", "2026-11-20T01:00:00Z"),
            ("2026/11/20 10:00:00", "2026-11-20T10:00:00Z"),
            ("2026/11/20 10:00:00.25", "2026-11-20T10:00:00.25Z"),
            ("20/Nov/2026:10:00:00 +0900", "2026-11-20T01:00:00Z"),
            ("20-Nov-2026 10:00:00", "2026-11-20T10:00:00Z"),
            ("Nov 20 10:00:00", "2026-11-20T10:00:00Z"),
            ("Nov  2 10:00:00.5", "2026-11-02T10:00:00.5Z"),
            ("Nov 20 2026 10:00:00", "2026-11-20T10:00:00Z"),
            ("Nov 20, 2026 1:00:00 PM", "2026-11-20T13:00:00Z"),
            ("Fri Nov 20 10:00:00.123456 2026", "2026-11-20T10:00:00.123456Z"),
            ("Fri, 20 Nov 2026 10:00:00 GMT", "2026-11-20T10:00:00Z"),
            ("1120 10:00:00.123456", "2026-11-20T10:00:00.123456Z"),
            ("2026-11-20", "2026-11-20T00:00:00Z"),
        ] {
            let read = parse_loose_time(text, now);
            assert_eq!(read, Some(parse_log_time(expected).expect("a time")), "{text}");
        }
        assert_eq!(parse_loose_time("yesterday", now), None);
        assert_eq!(parse_loose_time("é,", now), None);
    }

    #[test]
    fn the_first_form_that_fits_counts() {
        let forms = vec![Cow::Borrowed("%Y/%m/%d"), Cow::Borrowed("%Y-%m-%d")];
        let time = WrittenTime::Forms(forms.into()).parse("2026-02-28", 0);
        assert_eq!(time, parse_log_time("2026-02-28T00:00:00Z"));
    }
}
