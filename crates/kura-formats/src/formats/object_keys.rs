//! What the keys of objects say, as AWS lays them out: `…/<account>/<service>/<region>/<year>/…`,
//! and names such as `<account>_<service>_<region>_…_<time>_<unique>.log.gz`.

use kura_core::time::Micros;

use super::KeyFacts;

/// An object's own name, behind its folders.
pub fn object_name(path: &str) -> &str {
    path.rsplit(['/', '\\']).next().unwrap_or_default()
}

/// The account in `<account>_<service>_<rest>`, and the rest.
pub fn named<'a>(name: &'a str, service: &str) -> Option<(String, &'a str)> {
    let (account, rest) = name.split_once('_')?;
    let rest = rest.strip_prefix(service)?.strip_prefix('_')?;
    is_account(account).then(|| (account.to_owned(), rest))
}

/// Account, Region and time out of `<account>_<service>_<region>_…_<time>_<unique>`, as most
/// services name their objects.
pub fn name_facts(path: &str, service: &str) -> Option<KeyFacts> {
    let (account, rest) = named(object_name(path), service)?;
    let (region, rest) = rest.split_once('_')?;
    let region = Some(region.to_owned());
    Some(KeyFacts { account: Some(account), region, time: time_in_name(rest) })
}

/// The time among the parts of a name.
pub fn time_in_name(name: &str) -> Option<Micros> {
    name.split(['_', '.']).find_map(key_time)
}

/// The account that an object's folders name: `AWSLogs/<account>`, also behind an
/// organisation's id, or `AWSLogs/aws-account-id=<account>`.
pub fn account_in_folders(path: &str) -> Option<String> {
    let folders = path.split(['/', '\\']).skip_while(|folder| *folder != "AWSLogs").skip(1);
    let ids = folders.take(2).map(|folder| folder.trim_start_matches("aws-account-id="));
    ids.filter(|id| is_account(id)).map(str::to_owned).next()
}

/// `20210802T0535Z`, as AWS dates the names of objects.
fn key_time(text: &str) -> Option<Micros> {
    let time = chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%MZ")
        .or_else(|_| chrono::NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ"))
        .ok()?;
    Some(time.and_utc().timestamp_micros())
}

/// Account, Region and day out of `…/<account>/<folder>/<region>/<year>/<month>/<day>/…`, as most
/// services lay out their objects below `AWSLogs`; months and days with a zero before or not.
pub fn folder_facts(path: &str, folder: &str) -> Option<KeyFacts> {
    let mut parts = path.split(['/', '\\']);
    let mut account = parts.next()?;
    loop {
        let part = parts.next()?;
        if part.eq_ignore_ascii_case(folder) && is_account(account) {
            break;
        }
        account = part;
    }
    let (region, rest) = (parts.next()?, parts.collect::<Vec<_>>());
    let day = match rest.get(..3) {
        Some(&[year, month, day]) => key_day(year, month, day),
        _ => None,
    };
    let (account, region) = (account.to_owned(), region.to_owned());
    let facts = KeyFacts { account: Some(account), region: Some(region), time: day };
    (!rest.is_empty()).then_some(facts)
}

fn key_day(year: &str, month: &str, day: &str) -> Option<Micros> {
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let midnight = chrono::NaiveDate::from_ymd_opt(year, month, day)?.and_hms_opt(0, 0, 0)?;
    Some(midnight.and_utc().timestamp_micros())
}

pub fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_account_region_and_time() {
        let says = |name: &str| {
            let facts = name_facts(name, "service")?;
            Some(format!("{} {} {:?}", facts.account?, facts.region?, facts.time))
        };
        let time = "Some(1704103500000000)";
        for rest in ["20240101T1005Z_ab.log.gz", "x_y.z_20240101T100500Z.json.gz"] {
            let name = format!("a/b/123456789012_service_cn-north-1_{rest}");
            assert_eq!(says(&name), Some(format!("123456789012 cn-north-1 {time}")));
        }
        let undated = says("123456789012_service_us-gov-west-1_x");
        assert_eq!(undated, Some("123456789012 us-gov-west-1 None".to_owned()));
        for other in ["service_r_x", "12_service_r_x", "123456789012_services_r_x", "", "_"] {
            assert_eq!(says(other), None, "{other}");
        }
    }

    #[test]
    fn folders_tell_account_region_and_day() {
        let says = |path: &str| {
            let facts = folder_facts(path, "Service")?;
            let day = facts.time.map(|time| time / 86_400_000_000);
            Some(format!("{} {} {day:?}", facts.account?, facts.region?))
        };
        let told = |text: &str| Some(text.to_owned());
        let own = "123456789012 cn-north-1 Some(19723)";
        assert_eq!(says("AWSLogs/123456789012/Service/cn-north-1/2024/01/01/a"), told(own));
        assert_eq!(says("b/AWSLogs/o-1/123456789012/service/cn-north-1/2024/1/1/12/a"), told(own));
        assert_eq!(
            says("Service/123456789012/Service/cn-north-1/a"),
            told("123456789012 cn-north-1 None")
        );
        for other in ["123456789012/Service/cn-north-1", "12/Service/r/a", "Service/r/a", ""] {
            assert_eq!(says(other), None, "{other}");
        }
    }
}
