//! Records the sums of release downloads: what a connected machine finds out, so that all others can check.
//!
//! Everything is downloaded, also what is recorded already: a release that changed must show. A project's own checksum
//! file vouches for a download; without one the first download is believed, and said to be. The mirror is not asked,
//! since it is named by what is recorded here.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::download::Transfer;
use super::lock_file::{Lock, Platform, Sha256};
use super::{Inner, Provision, archive, cache};
use crate::error::{Context as _, Error, Result};
use crate::ui::Task;

/// One download of the lock: a tool's release for a platform.
#[derive(Clone, Debug)]
pub struct Asset {
    pub tool: String,
    pub version: String,
    /// `linux-amd64` and the like.
    pub platform: String,
    pub url: String,
    /// Where the project publishes its sum.
    pub checksums: Option<String>,
    /// The program inside an archive; `None` when the download is the program.
    member: Option<String>,
    pub(super) recorded: Option<Sha256>,
    /// Another sum than the recorded one is taken.
    replace: bool,
    /// It is for this machine.
    here: bool,
}

/// The text of a tools.toml and what is to be recorded in it.
pub struct Recording {
    pub(super) text: String,
    pub(super) assets: Vec<Asset>,
    without: Vec<String>,
}

/// What was found out about an asset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The host has no such file.
    NotPublished,
    /// `vouched`: the project's checksum file says the same.
    Sum { sum: String, vouched: bool },
}

/// What the project says about a download.
enum Word {
    Sum(Sha256),
    /// It publishes no sums.
    None,
    /// It should, and has none for this file.
    Missing(String),
}

impl Recording {
    /// Picks the assets of `names` and `replace`, of all tools if both are empty.
    ///
    /// Errors: failed, when the text is not a valid lock or has no lines for sums; usage, for a tool that is unknown or has no release.
    pub fn new(text: String, names: &[String], replace: &[String]) -> Result<Self> {
        let lock = Lock::parse(&text)?;
        for name in names.iter().chain(replace) {
            if lock.tool(name)?.release.is_none() {
                return Err(Error::usage(format!("tools.toml names no release of `{name}`"))
                    .cause("it is built from its Go module, whose sums are in go.sum"));
            }
        }
        let wanted = |name: &String| names.is_empty() && replace.is_empty() || names.contains(name) || replace.contains(name);
        let (mut assets, mut without) = (Vec::new(), Vec::new());
        for tool in lock.tools.into_iter().filter(|t| wanted(&t.name)) {
            let Some(release) = &tool.release else {
                without.push(tool.name);
                continue;
            };
            assets.extend(Platform::ALL.map(|platform| Asset {
                tool: tool.name.clone(),
                version: tool.version.clone(),
                platform: platform.to_string(),
                url: release.url(&tool.version, platform),
                checksums: release.checksums(&tool.version, platform),
                member: release.member(&tool.version, platform),
                recorded: release.sum(platform).cloned(),
                replace: replace.contains(&tool.name),
                here: platform == Platform::here(),
            }));
        }
        let recording = Recording { text, assets, without };
        recording.require_lines()?;
        Ok(recording)
    }

    /// Every download, tool by tool.
    pub fn assets(&self) -> &[Asset] {
        &self.assets
    }

    /// The tools that were left out because they have no release.
    pub fn without_release(&self) -> &[String] {
        &self.without
    }
}

impl Asset {
    /// How `finding` stands to what is recorded, in a word or two.
    pub fn state(&self, finding: &Finding) -> &'static str {
        match (finding, &self.recorded) {
            (Finding::NotPublished, None) => "not published",
            (Finding::NotPublished, Some(_)) => "gone, kept",
            (Finding::Sum { .. }, None) => "new",
            (Finding::Sum { sum, .. }, Some(recorded)) if recorded.as_str() == sum => "as recorded",
            (Finding::Sum { .. }, Some(_)) => "replaced",
        }
    }

    /// Refuses another sum than the recorded one, unless it is to be replaced.
    fn require_unchanged(&self, sum: &Sha256, source: &str) -> Result<()> {
        let Some(recorded) = self.recorded.as_ref().filter(|recorded| !self.replace && *recorded != sum) else { return Ok(()) };
        let Asset { tool, version, platform, .. } = self;
        Err(Error::failed(format!("the release of {tool} {version} for {platform} is not the one that was recorded"))
            .cause(format!("recorded in tools.toml: {}", recorded.as_str()))
            .cause(format!("{source}: {}", sum.as_str()))
            .hint("find out from the project why it changed a release; until then use nothing of it")
            .hint(format!("take the new one: cargo xtask tools-lock --replace {tool}")))
    }
}

impl Asset {
    /// Refuses what is no program of its platform: a login page of the network would be believed otherwise, and a wrong
    /// `member` would show on somebody else's machine.
    fn require_program(&self, file: &Path) -> Result<()> {
        let what = || format!("{} is not the release of a program", self.url);
        if let Some(member) = &self.member {
            return archive::extract(file, member, Path::new("/dev/null")).with_context(what);
        }
        let mut first = [0; 4];
        // A shorter one leaves zeros, which no program begins with.
        let _ = File::open(file)?.read_exact(&mut first);
        // ELF; Mach-O for one processor, and for several.
        let magics: &[[u8; 4]] =
            if self.platform.starts_with("linux") { &[*b"\x7fELF"] } else { &[[0xcf, 0xfa, 0xed, 0xfe], [0xca, 0xfe, 0xba, 0xbe]] };
        if magics.contains(&first) {
            return Ok(());
        }
        Err(Error::failed(what()).cause(format!("it does not begin like a program for {}", self.platform)))
    }
}

impl Provision {
    /// Downloads every asset and returns what was found, in their order. Whole files of other platforms do not stay.
    ///
    /// Costs: all downloads, some hundred megabytes per tool. Errors, all before anything is recorded: failed, for bytes that
    /// are no program, not those of the project's checksum file or not the recorded ones, and for a host's error;
    /// prerequisite, when a host cannot be reached.
    pub fn record(&self, recording: &Recording) -> Result<Vec<Finding>> {
        let mut files = HashMap::new();
        let mut findings = Vec::new();
        for asset in &recording.assets {
            let task = self.0.ui.task(format!("{} {}", asset.tool, asset.platform));
            let what = || format!("the release of {} {} for {} could not be recorded", asset.tool, asset.version, asset.platform);
            findings.push(self.0.find_out(asset, &mut files, &task).with_context(what)?);
        }
        for tool in recording.assets.chunk_by(|a, b| a.tool == b.tool) {
            let found = recording.assets.iter().zip(&findings).filter(|(a, _)| Some(&a.tool) == tool.first().map(|t| &t.tool));
            if let Some(first) = tool.first()
                && found.map(|(_, finding)| finding).all(|finding| *finding == Finding::NotPublished)
            {
                let what = format!("no platform of {} {} is published", first.tool, first.version);
                return Err(Error::failed(what)
                    .cause(format!("asked for {} and the like", first.url))
                    .hint("correct its url in xtask/tools.toml"));
            }
        }
        for (asset, finding) in recording.assets.iter().zip(&findings) {
            if let (false, Finding::Sum { sum, .. }) = (asset.here, finding) {
                cache::remove(&self.0.cache.part(&known(sum)?))?;
            }
        }
        Ok(findings)
    }
}

impl Inner {
    fn find_out(&self, asset: &Asset, files: &mut HashMap<String, Option<String>>, task: &Task) -> Result<Finding> {
        let word = self.word(asset, files, task)?;
        let _guard = match &word {
            Word::Sum(sum) => self.guard(cache::short(sum), &format!("downloading {}", asset.url), task)?,
            _ => self.guard(&cache::key(&[&asset.url]), &format!("downloading {}", asset.url), task)?,
        };
        let (transfer, vouched) = match &word {
            Word::Sum(sum) => {
                asset.require_unchanged(sum, "the project's checksum file says")?;
                (self.arrived(sum, "the project's checksum file", &asset.url, task)?, true)
            }
            Word::None | Word::Missing(_) => {
                // Nobody would notice if the rest of another file were put behind what an earlier run left.
                let part = self.cache.unknown_part(&asset.url);
                cache::remove(&part)?;
                (self.transfer(&asset.url, &part, task)?, false)
            }
        };
        let part = match transfer {
            Transfer::Arrived(part) => part,
            Transfer::NotThere(_) => return Ok(Finding::NotPublished),
            Transfer::Failed { why, hint: Some(hint) } => return Err(Error::prerequisite(why).hint(hint)),
            Transfer::Failed { why, hint: None } => return Err(Error::failed(why)),
        };
        asset.require_program(&part)?;
        if let Word::Sum(sum) = word {
            return Ok(Finding::Sum { sum: sum.as_str().to_string(), vouched });
        }
        let sum = known(&cache::sum_of(&part)?)?;
        // For this machine it is kept: install-tools needs it next.
        let kept = if asset.here { std::fs::rename(&part, self.cache.part(&sum)).map_err(Error::from) } else { cache::remove(&part) };
        kept.with_context(|| format!("could not put {} away", part.display()))?;
        if let Word::Missing(why) = word {
            return Err(Error::failed(why).hint("correct or remove `checksums` of this tool in xtask/tools.toml"));
        }
        asset.require_unchanged(&sum, &format!("downloaded from {}", asset.url))?;
        Ok(Finding::Sum { sum: sum.as_str().to_string(), vouched })
    }

    /// What the project says about an asset. `files`: checksum files of this run; several assets may share one.
    fn word(&self, asset: &Asset, files: &mut HashMap<String, Option<String>>, task: &Task) -> Result<Word> {
        let Some(url) = &asset.checksums else { return Ok(Word::None) };
        if !files.contains_key(url) {
            let part = self.cache.unknown_part(url);
            let _guard = self.guard(&cache::key(&[url]), &format!("downloading {url}"), task)?;
            cache::remove(&part)?;
            let text = match self.transfer(url, &part, task)? {
                Transfer::Arrived(part) => Some(String::from_utf8_lossy(&std::fs::read(&part)?).into_owned()),
                Transfer::NotThere(_) => None,
                Transfer::Failed { why, hint: Some(hint) } => return Err(Error::prerequisite(why).hint(hint)),
                Transfer::Failed { why, hint: None } => return Err(Error::failed(why)),
            };
            cache::remove(&part)?;
            files.insert(url.clone(), text);
        }
        let name = asset.url.rsplit('/').next().unwrap_or_default();
        Ok(match files.get(url).and_then(Option::as_deref) {
            None => Word::Missing(format!("the project's checksum file {url} is not there")),
            Some(text) => match sum_for(text, name) {
                Some(sum) => Word::Sum(sum),
                None => Word::Missing(format!("the project's checksum file {url} names no sha256 of {name}")),
            },
        })
    }
}

fn known(sum: &str) -> Result<Sha256> {
    Sha256::new(sum).map_err(Error::failed)
}

/// The sum of the file `name` in a checksum file: alone in it, or before the name, which may have a folder and the `*` of
/// binary mode. `None` also when two lines differ.
fn sum_for(text: &str, name: &str) -> Option<Sha256> {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    if let (Some(alone), None) = (lines.next(), lines.next())
        && !alone.contains(char::is_whitespace)
    {
        return Sha256::new(&alone.to_lowercase()).ok();
    }
    let named = text.lines().filter_map(|line| {
        let (sum, file) = line.trim().split_once(char::is_whitespace)?;
        let file = file.trim_start().trim_start_matches('*');
        (file.rsplit('/').next() == Some(name)).then(|| Sha256::new(&sum.to_lowercase()).ok())?
    });
    let mut sums: Vec<Sha256> = named.collect();
    sums.dedup();
    if sums.len() == 1 { sums.pop() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    const TWO: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    #[test]
    fn checksum_files_come_in_several_shapes() {
        let of = |text: &str| sum_for(text, "etcd.tar.gz").map(|sum| sum.as_str().to_string());
        assert_eq!(of(&format!("{ONE}\n")).unwrap(), ONE, "dl.k8s.io: nothing but the sum");
        assert_eq!(of(&format!("{ONE}  etcd.tar.gz\n")).unwrap(), ONE);
        assert_eq!(of(&format!("{TWO}  etcd.zip\n{} *_dist/etcd.tar.gz\n", ONE.to_uppercase())).unwrap(), ONE);
        for bad in [String::new(), format!("{TWO}  other\n"), "<html>".into(), format!("{ONE}  etcd.tar.gz\n{TWO}  etcd.tar.gz\n")] {
            assert_eq!(of(&bad), None, "{bad}");
        }
    }
}
