//! Which batches there are, told by the names of what lies of them: a manifest of each, or a
//! fold of many.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use futures::TryStreamExt;
use object_store::ObjectStore;
use object_store::path::Path;

use crate::error::Result;
use crate::location::Location;

/// Times that the names are looked through while a batch seems to be missing.
const LOOKS_MAX: usize = 3;

/// What holds batches of a writer: a manifest one of them, a fold all from the first to the
/// last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name {
    pub first: i64,
    pub last: i64,
    pub is_fold: bool,
    pub path: Path,
}

/// What holds a writer's batches, in order, each batch once.
#[derive(Debug, Default)]
pub struct Batches {
    pub writer: String,
    pub folds: Vec<Name>,
    pub manifests: Vec<Name>,
    /// What is there still although a fold holds it.
    pub leftovers: Vec<Name>,
}

/// Every batch of the lake, by writer. Where one is missing, its writer is just folding: it is
/// found in the fold the next time, because that was there before the manifest went.
pub async fn list(location: &Location) -> Result<Vec<Batches>> {
    let mut all = look(location).await?;
    for _ in 1..LOOKS_MAX {
        if all.iter().all(Batches::is_whole) {
            break;
        }
        all = look(location).await?;
    }
    Ok(all)
}

async fn look(location: &Location) -> Result<Vec<Batches>> {
    let folder = location.path("_kura/batches");
    let mut objects = location.store.list(Some(&folder));
    let mut writers: BTreeMap<String, Vec<Name>> = BTreeMap::new();
    while let Some(object) = objects.try_next().await? {
        if let Some((writer, name)) = name_of(object.location) {
            writers.entry(writer).or_default().push(name);
        }
    }
    Ok(writers.into_iter().map(|(writer, names)| Batches::new(writer, names)).collect())
}

/// The batches of one writer.
pub async fn list_of(location: &Location, writer: &str) -> Result<Batches> {
    let all = list(location).await?;
    Ok(all.into_iter().find(|batches| batches.writer == writer).unwrap_or_default())
}

fn name_of(path: Path) -> Option<(String, Name)> {
    let mut parts = path.parts().rev();
    let file = parts.next()?;
    let writer = parts.next()?.as_ref().to_owned();
    let (first, last, is_fold) = match file.as_ref().strip_suffix(".json.zst") {
        Some(range) => {
            let (first, last) = range.split_once('-')?;
            (first.parse().ok()?, last.parse().ok()?, true)
        }
        None => {
            let number = file.as_ref().strip_suffix(".json")?.parse().ok()?;
            (number, number, false)
        }
    };
    Some((writer, Name { first, last, is_fold, path }))
}

impl Batches {
    fn new(writer: String, mut names: Vec<Name>) -> Self {
        let mut batches = Batches { writer, ..Batches::default() };
        // What holds more comes first: what is behind it and ends no later is held by it.
        names.sort_by_key(|name| (name.first, Reverse(name.last), !name.is_fold));
        let mut held = i64::MIN;
        for name in names {
            let place = match name.is_fold {
                _ if name.last <= held => &mut batches.leftovers,
                true => &mut batches.folds,
                false => &mut batches.manifests,
            };
            held = held.max(name.last);
            place.push(name);
        }
        batches
    }

    /// Whatever holds batches after this one, in order.
    pub fn after(&self, number: i64) -> impl Iterator<Item = &Name> {
        self.folds.iter().chain(&self.manifests).filter(move |name| name.last > number)
    }

    /// A writer counts its batches from 1, and leaves none out.
    fn is_whole(&self) -> bool {
        let mut next = 1;
        self.after(0).all(|name| {
            let is_next = name.first == next;
            next = name.last + 1;
            is_next
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn batches(names: &[&str]) -> Batches {
        let name = |name: &&str| name_of(Path::from(format!("_kura/batches/w/{name}")));
        Batches::new("w".to_owned(), names.iter().filter_map(name).map(|(_, name)| name).collect())
    }

    fn ranges(names: &[Name]) -> Vec<(i64, i64)> {
        names.iter().map(|name| (name.first, name.last)).collect()
    }

    #[test]
    fn each_batch_is_held_once_whatever_was_left_behind() {
        let all = batches(&[
            "0005.json",
            "0001-0002.json.zst",
            "0002.json",
            "0004.json",
            "0001-0003.json.zst",
            "0004-0004.json.zst",
            "0006.json",
            "readme.txt",
        ]);
        assert_eq!(ranges(&all.folds), [(1, 3), (4, 4)]);
        assert_eq!(ranges(&all.manifests), [(5, 5), (6, 6)]);
        assert_eq!(ranges(&all.leftovers), [(1, 2), (2, 2), (4, 4)]);
        assert!(all.is_whole());
        assert_eq!(all.after(3).map(|name| name.last).collect::<Vec<_>>(), [4, 5, 6]);
    }

    #[test]
    fn a_batch_that_is_in_no_list_is_missed() {
        assert!(batches(&[]).is_whole() && batches(&["1.json"]).is_whole());
        for names in [&["2.json"][..], &["1.json", "3.json"], &["1-2.json.zst", "4.json"]] {
            assert!(!batches(names).is_whole(), "{names:?}");
        }
    }
}
