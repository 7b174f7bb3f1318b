//! What the names of RDS's and Aurora's log files, and of their log groups, say.

use super::{KeyFacts, KeySays};

/// A database's log, as its file is named where it was downloaded: `<folder>/<file>…`, the
/// rest being a number or an hour. Or the log group `/aws/rds/<instance or cluster>/<id>/<group>`
/// as a part of the path, where that is named for one kind of database only.
pub fn rds_key(path: &str, files: &[&str], group: Option<&str>) -> Option<KeySays> {
    let (folder, name) = path.rsplit_once(['/', '\\']).unwrap_or(("", path));
    let is_file = |file: &&str| match file.rsplit_once('/') {
        Some((of, file)) => folder.rsplit(['/', '\\']).next() == Some(of) && begins(name, file),
        None => begins(name, file),
    };
    let found = files.iter().any(is_file) || group.is_some_and(|group| is_of_group(path, group));
    found.then(|| KeySays::Records(KeyFacts::default()))
}

/// `mysql-error.log.3` begins with `mysql-error.log`; `mysql-error.logic` does not.
fn begins(name: &str, file: &str) -> bool {
    name.strip_prefix(file).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn is_of_group(path: &str, group: &str) -> bool {
    let Some((_, rest)) = path.split_once("aws/rds/") else { return false };
    let mut parts = rest.split('/');
    let (kind, _, of) = (parts.next(), parts.next(), parts.next());
    matches!(kind, Some("instance" | "cluster")) && of == Some(group)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_and_groups() {
        let is = |path| rds_key(path, &["audit/audit.log", "mysql-error.log"], Some("x")).is_some();
        assert!(is("db/audit/audit.log.1.2026-11-20-10-00.0.gz"));
        assert!(!is("db/other/audit.log"));
        assert!(is("mysql-error.log") && is("a\\mysql-error.log.3") && !is("mysql-error.logic"));
        assert!(is("p/aws/rds/cluster/shop/x/stream") && !is("p/aws/rds/cluster/x/y"));
    }
}
