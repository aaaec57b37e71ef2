//! Files by their sha256: from the mirror, or by curl, which goes on from where an earlier run stopped.
//!
//! curl and not a Rust client: HTTP with TLS would double the build time of this program, and the sum is checked either way.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use super::lock_file::{Platform, Sha256, Tool};
use super::{Attempt, Inner, Tried, archive, cache};
use crate::error::{Context as _, Error, Result};
use crate::proc::{Failure, Invocation};
use crate::ui::{self, Task};

/// A connection that breaks is taken up again this often, if at all.
const ATTEMPTS: usize = 4;
/// A ceiling for one file on a slow line that never stalls.
const LONGEST: Duration = Duration::from_secs(3600);

/// Exit codes of curl that decide what happens next; see its manual, "EXIT CODES".
mod code {
    pub const NO_ANSWER: [i32; 4] = [5, 6, 7, 35];
    pub const BROKE_OFF: [i32; 3] = [18, 56, 92];
    pub const HTTP_ERROR: i32 = 22;
    pub const COULD_NOT_WRITE: i32 = 23;
    pub const STALLED: i32 = 28;
    pub const CANNOT_RESUME: i32 = 33;
}

/// How a download ended. The reasons begin with the URL.
pub(super) enum Transfer {
    Arrived(PathBuf),
    /// The host answers, and has no such file.
    NotThere(String),
    Failed {
        why: String,
        hint: Option<String>,
    },
}

impl Inner {
    /// Where the release download of a tool ends up; `None` when none is recorded for this machine.
    pub(super) fn released(&self, tool: &Tool) -> Option<PathBuf> {
        let (_, sum) = tool.recorded(Platform::here())?;
        Some(self.cache.tool(tool, cache::short(sum)))
    }

    /// Brings the release of a tool into the cache and says from where; `None` when it could not be had.
    pub(super) fn download_tool(&self, tool: &Tool, task: &Task, tried: &mut Tried) -> Result<Option<String>> {
        let here = Platform::here();
        let (Some((release, sum)), Some(target)) = (tool.recorded(here), self.released(tool)) else {
            tried.note("release", &unrecorded(tool, here));
            // Where Go can build it, nobody has to wait for a maintainer.
            tried.hints.extend((tool.family.is_none() && tool.release.is_some()).then(|| record_hint(&tool.name)));
            return Ok(None);
        };
        let url = release.url(&tool.version, here);
        // Two tools may come from one archive. (Artifacts share none, so the lock of their set is enough.)
        let _guard = self.guard(cache::short(sum), &format!("downloading {url}"), task)?;
        let Some((arrived, from)) = self.fetch(sum, &url, task, tried)? else { return Ok(None) };

        let Some(member) = release.member(&tool.version, here) else {
            cache::publish(&arrived, &target, 0o755)?;
            return Ok(Some(from));
        };
        task.update("unpacking");
        let unfinished = cache::unfinished(&target)?;
        let unpacked = archive::extract(&arrived, &member, &unfinished);
        if unpacked.is_err() {
            cache::remove(&unfinished)?;
        }
        unpacked?;
        cache::publish(&unfinished, &target, 0o755)?;
        cache::remove(&arrived)?;
        Ok(Some(from))
    }

    /// Fetches the bytes with this sum: from the mirror if there is one, else from `url`.
    ///
    /// Returns where they lie (checked, for the caller to move away) and how they came; `None` when nobody has them.
    /// Errors: other bytes under this name; a full disk; Ctrl-C.
    pub(super) fn fetch(&self, sum: &Sha256, url: &str, task: &Task, tried: &mut Tried) -> Result<Option<(PathBuf, String)>> {
        if let Some(mirror) = &self.mirror
            && let Some(file) = tried.keep("mirror", self.copied(sum, &mirror.join(sum.as_str()))?)
        {
            return Ok(Some((file, "from the mirror".to_string())));
        }
        let attempt = self.downloaded(sum, url, task)?;
        Ok(tried.keep("release", attempt).map(|file| (file, format!("downloaded from {}", host(url)))))
    }

    /// Copies a file that should have this sum to where downloads arrive. The original is never touched.
    pub(super) fn copied(&self, sum: &Sha256, file: &Path) -> Result<Attempt<PathBuf>> {
        let open = match std::fs::File::open(file) {
            Ok(open) => open,
            Err(e) => return Ok(Attempt::failed(format!("{}: {e}", file.display()))),
        };
        let part = self.cache.part(sum);
        cache::make_parent(&part)?;
        cache::remove(&part)?; // and not only emptied: a curl whose run was killed may still be writing to it
        let have = cache::copy(open, std::fs::File::create(&part)?).with_context(|| format!("could not copy {}", file.display()))?;
        if have != sum.as_str() {
            cache::remove(&part)?;
            return Err(
                mismatch(&file.display().to_string(), "tools.toml", sum, &have).hint(format!("replace or remove {}", file.display()))
            );
        }
        Ok(Attempt::Got(part))
    }

    fn downloaded(&self, sum: &Sha256, url: &str, task: &Task) -> Result<Attempt<PathBuf>> {
        Ok(match self.arrived(sum, "tools.toml", url, task)? {
            Transfer::Arrived(part) => Attempt::Got(part),
            Transfer::NotThere(why) => Attempt::failed(why),
            Transfer::Failed { why, hint } => Attempt::Failed { why, hint },
        })
    }

    /// Downloads the file that `named_by` gives this sum, going on from what an earlier run left.
    /// Errors: other bytes, which are not kept; a full disk; Ctrl-C.
    pub(super) fn arrived(&self, sum: &Sha256, named_by: &str, url: &str, task: &Task) -> Result<Transfer> {
        let part = self.cache.part(sum);
        if cache::is_filled(&part) && self.take_over(&part)? == sum.as_str() {
            return Ok(Transfer::Arrived(part)); // an earlier run was ended between the last byte and the next step
        }
        let transfer = self.transfer(url, &part, task)?;
        if let Transfer::Arrived(part) = &transfer {
            let have = cache::sum_of(part)?;
            if have != sum.as_str() {
                cache::remove(part)?;
                let hint =
                    "run the same command again; if it fails again, something on the way changes downloads, or the release was replaced";
                return Err(mismatch(url, named_by, sum, &have).hint(hint));
            }
        }
        Ok(transfer)
    }

    /// Downloads to `part`, going on from what is there. Errors: a full disk; Ctrl-C.
    pub(super) fn transfer(&self, url: &str, part: &Path, task: &Task) -> Result<Transfer> {
        let failed = |why: String, hint: String| Ok(Transfer::Failed { why: format!("{url}: {why}"), hint: Some(hint) });
        let reach = || format!("let this machine reach {}, then run the same command again", host(url));
        if let Some(why) = self.unreachable().get(host(url)) {
            return failed(why.clone(), reach());
        }
        let Some(curl) = self.program("curl") else {
            return failed("`curl` is not installed".into(), "install curl".into());
        };
        cache::make_parent(part)?;
        let name = part.file_stem().unwrap_or_default().to_string_lossy();
        cache::clean(part.parent().unwrap_or(part), &name);
        for _ in 0..ATTEMPTS {
            let before = size(part);
            let Err(failure) = self.curl(&curl, url, part, task) else { return Ok(Transfer::Arrived(part.to_path_buf())) };
            let (code, why) = match &failure {
                Failure::Interrupted => return Err(Error::interrupted()),
                Failure::Failed { status, tail, .. } => (status.unwrap_or_default().into(), last_line(tail)),
                _ => (0, String::new()),
            };
            let grew = size(part) > before;
            let unusable = before > 0 && (code == code::CANNOT_RESUME || (code == code::HTTP_ERROR && why.contains("416")));
            if unusable {
                cache::remove(part)?;
            } else if code == code::COULD_NOT_WRITE {
                return Err(Error::from(failure).hint("free some disk space, then run the same command again"));
            } else if !(grew && code::BROKE_OFF.contains(&code)) {
                let why = if why.is_empty() { Error::from(failure).what().to_string() } else { why };
                if code::NO_ANSWER.contains(&code) || (code == code::STALLED && !grew) {
                    self.unreachable().insert(host(url).to_string(), why.clone());
                }
                if code != code::HTTP_ERROR {
                    return failed(why, reach());
                }
                // A host that answers with an error is reached already.
                let there = !why.ends_with("error: 404");
                let why = format!("{url}: {why}");
                return Ok(if there { Transfer::Failed { why, hint: None } } else { Transfer::NotThere(why) });
            }
        }
        failed(format!("the connection broke {ATTEMPTS} times"), reach())
    }

    /// Makes what an earlier run left our own, and returns its sum. By a copy: after kill -9 that run's curl may still be
    /// writing, and must not write into what we go on with.
    fn take_over(&self, part: &Path) -> Result<String> {
        let take_over = || -> Result<String> {
            let copy = cache::unfinished(part)?;
            let sum = cache::copy(std::fs::File::open(part)?, std::fs::File::create(&copy)?)?;
            std::fs::rename(&copy, part)?;
            Ok(sum)
        };
        take_over().with_context(|| format!("could not go on with {}", part.display()))
    }

    /// The call that downloads `url` to `part`, going on from what is there.
    pub(super) fn curl_call(&self, curl: &Path, url: &str, part: &Path) -> Invocation {
        // Plain HTTP only to ourselves, which is what tests do.
        let loopback = url.starts_with("http://127.0.0.1:");
        let protocol = if loopback { "=http" } else { "=https" };
        let seconds = |time: Duration| time.as_secs().max(1).to_string();
        let call = Invocation::writes(curl)
            .args(["--silent", "--show-error", "--fail", "--location", "--max-redirs", "10", "--proto", protocol])
            .args(["--connect-timeout", &seconds(self.patience.connect)])
            .args(["--speed-limit", "1024", "--speed-time", &seconds(self.patience.stall)])
            .args(["--continue-at", "-", "--output"])
            .arg(part)
            .arg("--dump-header")
            .arg(part.with_extension("headers"))
            .timeout(LONGEST);
        let call = if loopback { call.args(["--noproxy", "127.0.0.1"]) } else { call };
        call.arg(url)
    }

    /// One call of curl. What arrives is kept, whatever happens.
    fn curl(&self, curl: &Path, url: &str, part: &Path, task: &Task) -> Result<(), Failure> {
        let headers = part.with_extension("headers");
        let already = size(part);
        let call = self.curl_call(curl, url, part);

        let (finished, wait) = mpsc::channel::<()>();
        let result = std::thread::scope(|s| {
            s.spawn(|| {
                let wait = wait; // moved in here, so that `finished` is all that keeps this thread
                let mut total = None;
                while wait.recv_timeout(Duration::from_millis(250)) == Err(RecvTimeoutError::Timeout) {
                    total = total.or_else(|| parse_total(&std::fs::read_to_string(&headers).ok()?, already));
                    task.update(match total {
                        Some(total) => format!("downloading: {} of {}", ui::bytes(size(part)), ui::bytes(total)),
                        None => format!("downloading: {}", ui::bytes(size(part))),
                    });
                }
            });
            let result = self.runner.run(&call);
            drop(finished);
            result
        });
        let _ = std::fs::remove_file(&headers); // the next call overwrites it
        result.map(drop)
    }

    fn unreachable(&self) -> std::sync::MutexGuard<'_, std::collections::HashMap<String, String>> {
        self.unreachable.lock().unwrap_or_else(|e| e.into_inner())
    }
}

/// Why there is no release download of a tool.
pub(super) fn unrecorded(tool: &Tool, platform: Platform) -> String {
    match &tool.release {
        Some(_) => format!("its sha256 is unrecorded for {platform}"),
        None => "tools.toml names none".to_string(),
    }
}

/// What helps when a tool cannot be had because its sum is unrecorded.
pub fn record_hint(tool: &str) -> String {
    format!("record it on a machine that reaches the release, and commit it: cargo xtask tools-lock {tool}")
}

fn mismatch(source: &str, named_by: &str, want: &Sha256, have: &str) -> Error {
    let error = Error::failed(format!("{source} is not the file that {named_by} names"));
    error.cause(format!("its sha256 is\n    {have}, not\n    {}", want.as_str()))
}

/// The host part of a URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

fn size(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

fn last_line(text: &str) -> String {
    text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_string()
}

/// The size of the whole file, from the headers of the last answer (those before it redirect). `already`: bytes that
/// we have, which a resumed answer does not count.
fn parse_total(headers: &str, already: u64) -> Option<u64> {
    let last = headers.rfind("HTTP/").and_then(|at| headers.get(at..))?;
    let field = |name: &str| {
        let is = |line: &&str| line.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        last.lines().find(is).and_then(|line| line.get(name.len()..))
    };
    if let Some(range) = field("content-range:") {
        return range.rsplit('/').next()?.trim().parse().ok();
    }
    let resumed = last.lines().next().is_some_and(|status| status.contains(" 206"));
    let rest: u64 = field("content-length:")?.trim().parse().ok()?;
    Some(if resumed { already + rest } else { rest })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_total_is_that_of_the_last_answer() {
        let redirected = "HTTP/2 302\r\nlocation: https://x\r\ncontent-length: 0\r\n\r\nHTTP/2 200\r\nContent-Length: 2048\r\n\r\n";
        assert_eq!(parse_total(redirected, 0), Some(2048));
        assert_eq!(
            parse_total("HTTP/1.1 206 Partial Content\r\nContent-Range: bytes 100-299/300\r\nContent-Length: 200\r\n", 100),
            Some(300)
        );
        assert_eq!(parse_total("HTTP/1.1 206 Partial Content\r\nContent-Length: 200\r\n", 100), Some(300));
        assert_eq!(parse_total("HTTP/2 200\r\n", 0), None);
        assert_eq!(parse_total("", 0), None);
    }

    #[test]
    fn the_host_stands_between_the_slashes() {
        assert_eq!(host("https://get.helm.sh/helm.tar.gz"), "get.helm.sh");
    }
}
