//! What a person named, as objects: files, folders and globs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use globset::{GlobBuilder, GlobMatcher};
use kura_core::origin::ObjectRef;
use kura_core::time::Micros;
use walkdir::{DirEntry, WalkDir};

#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("`{0}`: no such file or folder")]
    NotFound(String),
    #[error("`{0}` matches no file")]
    NoMatch(String),
    #[error("`{glob}` is not a glob: {why}")]
    BadGlob { glob: String, why: String },
    #[error("`{0}`: buckets cannot be read yet; copy the objects to a folder")]
    Bucket(String),
}

/// A file to import.
#[derive(Debug, Clone)]
pub struct SourceFile {
    pub path: PathBuf,
    pub object: ObjectRef,
    /// When it was first read; `None` for now.
    pub arrived: Option<Micros>,
    /// What it holds, if that is given, is a person's word: nothing recognised it.
    pub said: bool,
}

/// What was found under the names given.
#[derive(Debug, Default)]
pub struct Found {
    /// Sorted by URI, as S3 lists keys, each once.
    pub files: Vec<SourceFile>,
    /// Places that could not be looked into: path and why.
    pub unreadable: Vec<(String, String)>,
}

pub fn find(sources: &[String]) -> Result<Found, SourceError> {
    let mut found = Found::default();
    for source in sources {
        if source.contains("://") && !source.starts_with("file://") {
            return Err(SourceError::Bucket(source.clone()));
        }
        let path = Path::new(source.strip_prefix("file://").unwrap_or(source));
        match path.symlink_metadata() {
            Ok(_) => walk(&canonical(path), None, &mut found),
            Err(_) if source.contains(['*', '?', '[', '{']) => glob(source, &mut found)?,
            Err(_) => return Err(SourceError::NotFound(source.clone())),
        }
    }
    found.files.sort_by(|a, b| a.object.uri.cmp(&b.object.uri));
    found.files.dedup_by(|a, b| a.object.uri == b.object.uri);
    Ok(found)
}

fn glob(source: &str, found: &mut Found) -> Result<(), SourceError> {
    let bad =
        |e: globset::Error| SourceError::BadGlob { glob: source.to_owned(), why: e.to_string() };
    let absolute =
        std::path::absolute(source).map_err(|_| SourceError::NotFound(source.to_owned()))?;
    let given = absolute.to_string_lossy().into_owned();
    let meta = given.find(['*', '?', '[', '{']).unwrap_or(given.len());
    let slash = given[..meta].rfind('/').unwrap_or(0);
    let base = canonical(Path::new(&given[..=slash]));
    let text = format!("{}{}", base.to_string_lossy().trim_end_matches('/'), &given[slash..]);
    let matcher = GlobBuilder::new(&text).literal_separator(true).build().map_err(bad)?;
    let before = found.files.len();
    walk(&base, Some(&matcher.compile_matcher()), found);
    match found.files.len() == before {
        true => Err(SourceError::NoMatch(source.to_owned())),
        false => Ok(()),
    }
}

/// The path an object is known by, however the person spelled it.
fn canonical(path: &Path) -> PathBuf {
    let absolute = || std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    path.canonicalize().unwrap_or_else(|_| absolute())
}

/// Adds every regular file below `path`. A lake lying there is not looked into.
fn walk(path: &Path, matcher: Option<&GlobMatcher>, found: &mut Found) {
    let walk = WalkDir::new(path).follow_links(true).into_iter();
    let is_lake = |entry: &DirEntry| {
        entry.file_type().is_dir() && entry.path().join("_kura").join("lake.json").exists()
    };
    let walk = walk.filter_entry(|entry| !is_lake(entry));
    for entry in walk {
        match entry {
            Ok(entry) if !entry.file_type().is_file() => {}
            Ok(entry) => add(entry, matcher, found),
            Err(error) => {
                let place = error.path().map_or_else(String::new, |p| p.display().to_string());
                let why = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                found.unreadable.push((place, why));
            }
        }
    }
}

/// The walk began at an absolute path, so that this is one.
fn add(entry: DirEntry, matcher: Option<&GlobMatcher>, found: &mut Found) {
    if matcher.is_some_and(|m| !m.is_match(entry.path())) {
        return;
    }
    match entry.metadata() {
        Ok(metadata) => {
            let object = object_of(entry.path(), &metadata);
            found.files.push(SourceFile {
                path: entry.into_path(),
                object,
                arrived: None,
                said: true,
            });
        }
        Err(error) => {
            found.unreadable.push((entry.path().display().to_string(), error.to_string()))
        }
    }
}

/// The object that was read before under this URI, as it is now, if it is still there.
pub fn known(uri: &str, arrived: Micros) -> Option<SourceFile> {
    let path = url::Url::parse(uri).ok()?.to_file_path().ok()?;
    let metadata = fs::metadata(&path).ok().filter(fs::Metadata::is_file)?;
    let object = object_of(&path, &metadata);
    Some(SourceFile { path, object, arrived: Some(arrived), said: false })
}

/// The version of the object that is there now.
pub fn version(path: &Path) -> Option<String> {
    let metadata = fs::metadata(path).ok()?;
    Some(object_of(path, &metadata).version)
}

/// A file has no ETag: its size and the time of its last change stand for one.
fn object_of(path: &Path, metadata: &fs::Metadata) -> ObjectRef {
    let changed = metadata.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok());
    let uri = url::Url::from_file_path(path)
        .map_or_else(|()| format!("file://{}", path.display()), |url| url.to_string());
    ObjectRef {
        uri,
        version: format!("{}-{}", metadata.len(), changed.unwrap_or_default().as_nanos()),
        size: metadata.len(),
    }
}
