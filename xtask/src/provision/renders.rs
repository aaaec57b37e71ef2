//! What was rendered before, kept by what it was rendered from. An entry that is not whole, or another one's, is as good as none.
//!
//! ```text
//! renders/<first digit of the key>/<Helm's version>-<key>
//! ```
//!
//! An entry is a line that says what it is, for which key, how long its body is and which sum that has, then the body. It is
//! renamed into its place, so nobody reads half of one; a run that reads one is not disturbed when another one removes it.

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};

use super::{Provision, cache};
use crate::error::Result;
use crate::repo::files;

/// Begins an entry; another format has another number.
const MAGIC: &str = "c4ang-render 2";

/// Bytes that all entries may have together.
const LIMIT_BYTES: u64 = 512 * 1024 * 1024;

/// Entries lie in as many folders, by their first digit; each has its share of the limit.
const SHARDS: u64 = 16;

/// How old the time of the last use may be before it is set anew.
const USED: Duration = Duration::from_secs(24 * 60 * 60);

/// The entries of one run.
pub struct Renders {
    dir: PathBuf,
    version: String,
    limit_bytes: u64,
    problem: Mutex<Option<String>>,
}

/// What is kept for a key.
#[derive(Debug)]
pub struct Entry {
    bytes: Vec<u8>,
    body: usize,
    /// Of the body.
    pub sum: String,
}

impl Entry {
    pub fn body(&self) -> &str {
        self.bytes.get(self.body..).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default()
    }

    fn new(key: &str, body: &str) -> Self {
        let sum = sum_of(body.as_bytes());
        let mut bytes = format!("{MAGIC} {key} {} {sum}\n", body.len()).into_bytes();
        let start = bytes.len();
        bytes.extend_from_slice(body.as_bytes());
        Entry { bytes, body: start, sum }
    }

    /// `None`: it is not whole, of another key, or something else altogether.
    fn parse(key: &str, bytes: Vec<u8>) -> Option<Self> {
        let end = bytes.iter().take(256).position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let mut words = line.strip_prefix(MAGIC)?.split(' ').skip(1);
        let (of, length, sum) = (words.next()?, words.next()?, words.next()?);
        let body = bytes.get(end + 1..)?;
        if of != key || length != body.len().to_string() || sum_of(body) != sum || std::str::from_utf8(body).is_err() {
            return None;
        }
        let sum = sum.to_string();
        Some(Entry { bytes, body: end + 1, sum })
    }
}

impl Provision {
    /// Errors: Helm is not pinned.
    pub fn renders(&self) -> Result<Renders> {
        let version = self.0.lock.tool("helm")?.version.clone();
        Ok(Renders { dir: self.0.cache.renders_dir(), version, limit_bytes: LIMIT_BYTES, problem: Mutex::default() })
    }
}

impl Renders {
    /// The version of Helm that everything here was rendered with.
    pub fn helm(&self) -> &str {
        &self.version
    }

    fn path(&self, key: &str) -> PathBuf {
        self.dir.join(key.get(..1).unwrap_or("0")).join(format!("{}-{key}", self.version))
    }

    pub fn read(&self, key: &str) -> Option<Entry> {
        let path = self.path(key);
        let entry = Entry::parse(key, std::fs::read(&path).ok()?)?;
        touch(&path);
        Some(entry)
    }

    /// Keeps a body. Where that is not possible the first reason is kept for [`Renders::problem`]; the entry is returned anyway.
    pub fn write(&self, key: &str, body: &str) -> Entry {
        let entry = Entry::new(key, body);
        // One that would push out everything else is not worth it.
        if entry.bytes.len() as u64 <= self.limit_bytes / SHARDS / 2
            && let Err(e) = self.put(&self.path(key), &entry.bytes)
        {
            self.problem.lock().unwrap_or_else(|e| e.into_inner()).get_or_insert_with(|| e.one_line());
        }
        // Every sixteenth time is often enough: looking at all the others costs more than writing one.
        if key.get(1..2) == Some("0") {
            trim(&self.dir.join(key.get(..1).unwrap_or("0")), self.limit_bytes / SHARDS);
        }
        entry
    }

    /// Why something could not be kept.
    pub fn problem(&self) -> Option<String> {
        self.problem.lock().unwrap_or_else(|e| e.into_inner()).clone()
    }

    fn put(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        let write = || files::write_if_changed(path, bytes, 0o644).map(drop);
        // Something that is no file may stand there; or `cache clean` removed the folder between its making and its use.
        write().or_else(|_| {
            if path.is_dir() {
                files::remove_dir(path)?;
            }
            write()
        })
    }
}

/// Says that an entry is of use, at most once a day.
fn touch(path: &Path) {
    let now = SystemTime::now();
    let old = std::fs::metadata(path).and_then(|m| m.modified()).is_ok_and(|at| now.duration_since(at).is_ok_and(|age| age > USED));
    if old {
        // An older time makes it go earlier, no more.
        let _ = std::fs::File::open(path).and_then(|file| file.set_modified(now));
    }
}

/// Removes the entries that were not used for the longest time until three quarters of the limit are left.
fn trim(dir: &Path, limit_bytes: u64) {
    let look = |path: PathBuf| {
        let metadata = std::fs::symlink_metadata(&path).ok()?;
        Some((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), path))
    };
    let mut all: Vec<_> = cache::entries(dir).into_iter().filter_map(look).collect();
    let mut bytes: u64 = all.iter().map(|(_, bytes, _)| bytes).sum();
    if bytes <= limit_bytes {
        return;
    }
    all.sort();
    for (_, size, path) in all {
        if bytes <= limit_bytes / 4 * 3 {
            return;
        }
        // What another run removed is gone either way.
        let _ = cache::remove(&path);
        bytes -= size;
    }
}

fn sum_of(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |text, byte| text + &format!("{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::super::tests::Sandbox;
    use super::*;

    fn renders(sandbox: &Sandbox) -> Renders {
        sandbox.committed().renders().unwrap()
    }

    fn key(start: &str) -> String {
        format!("{start:a<64}")
    }

    #[test]
    fn what_was_written_is_read_and_nothing_else() {
        let sandbox = Sandbox::new();
        let renders = renders(&sandbox);
        assert!(renders.read(&key("1")).is_none());
        let written = renders.write(&key("1"), "body");
        assert_eq!(written.body(), "body");
        let read = renders.read(&key("1")).unwrap();
        assert_eq!((read.body(), &read.sum), ("body", &written.sum));
        assert!(renders.problem().is_none());
        assert_eq!(sandbox.committed().inventory().len(), 1);
    }

    #[test]
    fn what_is_not_whole_or_another_ones_is_as_good_as_none_and_is_replaced() {
        let sandbox = Sandbox::new();
        let renders = renders(&sandbox);
        let (one, other) = (key("1"), key("2"));
        renders.write(&other, "another body");
        let path = renders.path(&one);
        let good = Entry::new(&one, "the body").bytes;
        let mut flipped = good.clone();
        *flipped.last_mut().unwrap() ^= 1;
        let foreign = std::fs::read(renders.path(&other)).unwrap();
        let cases: [&[u8]; 7] = [b"", &good[..good.len() - 3], &good[..10], &flipped, &foreign, b"\xff\xfe", &[&good[..], b"x"].concat()];
        for bad in cases {
            files::write_if_changed(&path, bad, 0o644).unwrap();
            assert!(renders.read(&one).is_none(), "{:?}", String::from_utf8_lossy(bad));
            renders.write(&one, "the body");
            assert_eq!(renders.read(&one).unwrap().body(), "the body");
        }
        std::fs::remove_file(&path).unwrap();
        std::fs::create_dir_all(path.join("inner")).unwrap();
        assert!(renders.read(&one).is_none());
        renders.write(&one, "the body");
        assert_eq!(renders.read(&one).unwrap().body(), "the body");
        assert!(renders.problem().is_none());
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_said_and_nothing_more() {
        let sandbox = Sandbox::new();
        let renders = renders(&sandbox);
        files::write_if_changed(&renders.dir, b"a file", 0o644).unwrap();
        assert_eq!(renders.write(&key("1"), "body").body(), "body");
        assert!(renders.problem().is_some_and(|why| why.contains("could not write")), "{:?}", renders.problem());
    }

    #[test]
    fn the_entries_that_were_used_last_are_kept() {
        let sandbox = Sandbox::new();
        let mut renders = renders(&sandbox);
        renders.limit_bytes = 16 * 10_000;
        let body = "x".repeat(900);
        let keys: Vec<String> = (0..20).map(|n| key(&format!("1{:x}{:02}", 1 + n % 15, n))).collect();
        for (age, key) in keys.iter().enumerate() {
            renders.write(key, &body);
            let file = std::fs::File::open(renders.path(key)).unwrap();
            file.set_modified(SystemTime::now() - USED / 2 + Duration::from_secs(age as u64)).unwrap();
        }
        renders.write(&key("10"), &body);
        let left: Vec<bool> = keys.iter().map(|key| renders.read(key).is_some()).collect();
        let kept = left.iter().filter(|left| **left).count();
        assert!((5..10).contains(&kept) && left.is_sorted(), "{left:?}");
        assert!(renders.read(&key("10")).is_some());
        renders.write(&key("2"), &"x".repeat(6000));
        assert!(renders.read(&key("2")).is_none(), "one that is too large for its folder");
    }

    #[test]
    fn an_entry_that_is_read_is_young_again_once_a_day() {
        let sandbox = Sandbox::new();
        let renders = renders(&sandbox);
        renders.write(&key("1"), "body");
        let path = renders.path(&key("1"));
        let age = || SystemTime::now().duration_since(std::fs::metadata(&path).unwrap().modified().unwrap()).unwrap_or_default();
        let set = |age: Duration| std::fs::File::open(&path).unwrap().set_modified(SystemTime::now() - age).unwrap();
        set(USED / 2);
        renders.read(&key("1")).unwrap();
        assert!(age() >= USED / 2);
        set(USED * 2);
        renders.read(&key("1")).unwrap();
        assert!(age() < USED / 2);
    }
}
