//! Tables that are written to all the time: their files are looked at sooner than others'.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// After so many commits to a table its files are looked at, however soon that is: a busy stream
/// makes one a second.
const MANY_COMMITS: u32 = 8;

/// Which they are, by their commits.
#[derive(Debug, Default)]
pub struct Busy {
    /// Since they were last looked at.
    commits: Mutex<BTreeMap<String, u32>>,
    many: Notify,
}

impl Busy {
    pub fn committed(&self, table: &str) {
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        let count = commits.entry(table.to_owned()).or_default();
        *count += 1;
        if *count >= MANY_COMMITS {
            self.many.notify_one();
        }
    }

    /// Tables with many commits, which are looked at now.
    pub async fn tables(&self) -> Vec<String> {
        self.many.notified().await;
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        let many = commits.extract_if(.., |_, count| *count >= MANY_COMMITS);
        many.map(|(table, _)| table).collect()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_table_is_busy_after_many_commits() {
        let busy = Busy::default();
        busy.committed("idle");
        (1..MANY_COMMITS).for_each(|_| busy.committed("busy"));
        assert!(busy.tables().now_or_never().is_none());
        busy.committed("busy");
        busy.committed("busy");
        assert_eq!(busy.tables().await, ["busy"]);
        assert!(busy.tables().now_or_never().is_none(), "it was looked at");
    }
}
