//! The packed copies of a chart's dependencies, and whether they hold what the dependencies hold now.
//!
//! The content is compared and no time: a copy that is newer than its library may still be that of another branch.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use serde_json::Value;
use tar::Archive;

use super::{Chart, Dependency};
use crate::error::{Context as _, Result};
use crate::repo::yaml;

/// A packed copy in a chart's own `charts` folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    pub path: PathBuf,
    /// Names `Chart.yaml` the dependency, so that it can be packed again?
    pub known: bool,
}

/// The packed copies of a chart, by name.
pub fn copies(chart: &Chart) -> Result<Vec<Copy>> {
    let dir = chart.packed_dir();
    // A link would lead out of the chart.
    if !std::fs::symlink_metadata(&dir).is_ok_and(|m| m.is_dir()) {
        return Ok(Vec::new());
    }
    let mut copies = Vec::new();
    for entry in std::fs::read_dir(&dir).with_context(|| format!("could not read {}", dir.display()))? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        if let Some(stem) = file.strip_suffix(".tgz").filter(|_| entry.file_type().is_ok_and(|t| t.is_file())) {
            let known = chart.dependencies.iter().any(|d| is_version_of(stem, &d.name));
            copies.push(Copy { path: entry.path(), known });
        }
    }
    copies.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(copies)
}

/// Is `stem` the name with a version behind it? `redis-lib-1.0.0` is one of `redis-lib` and not of `redis`.
fn is_version_of(stem: &str, name: &str) -> bool {
    let version = stem.strip_prefix(name).and_then(|rest| rest.strip_prefix('-'));
    version.is_some_and(|v| v.starts_with(|c: char| c.is_ascii_digit()))
}

/// Why the copies of a chart must be packed again; `None` when they hold what its dependencies hold.
pub fn state(chart: &Chart) -> Result<Option<String>> {
    let copies = copies(chart)?;
    for dependency in &chart.dependencies {
        let name = format!("{}-{}.tgz", dependency.name, dependency.version);
        let Some(copy) = copies.iter().find(|c| c.path.file_name().is_some_and(|n| *n == *name)) else {
            return Ok(Some(format!("{name} is missing")));
        };
        if let Some(why) = differs(dependency, &copy.path)? {
            return Ok(Some(format!("{name}: {why}")));
        }
    }
    // Helm would render an older version beside the wanted one.
    Ok(if copies.len() > chart.dependencies.len() { Some("there are copies that it does not name".into()) } else { None })
}

/// The first difference between a packed copy and the folder that it was made from.
fn differs(dependency: &Dependency, copy: &Path) -> Result<Option<String>> {
    // What comes from elsewhere is named by its version.
    let Some(dir) = &dependency.dir else { return Ok(None) };
    let Ok(have) = unpacked(copy) else { return Ok(Some("it cannot be read".into())) };
    let mut want = BTreeMap::new();
    content(dir, "", &mut want)?;
    let path = want.keys().chain(have.keys()).find(|path| !same(path, want.get(*path), have.get(*path)));
    Ok(path.map(|path| format!("{path} differs")))
}

/// Files by path below the chart.
type Files = BTreeMap<String, Vec<u8>>;

fn same(path: &str, want: Option<&Vec<u8>>, have: Option<&Vec<u8>>) -> bool {
    let (Some(want), Some(have)) = (want, have) else { return false };
    // Helm writes these two anew: without comments, in an order of its own.
    let rewritten = ["Chart.yaml", "Chart.lock"].iter().any(|name| Path::new(path).ends_with(name));
    let parsed = |bytes: &[u8]| yaml::parse::<Value>(&String::from_utf8_lossy(bytes)).ok();
    want == have || rewritten && parsed(want).is_some_and(|want| Some(want) == parsed(have))
}

fn unpacked(copy: &Path) -> Result<Files> {
    let mut files = Files::new();
    for entry in Archive::new(GzDecoder::new(File::open(copy)?)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        // The first part is the name of the chart.
        let below: PathBuf = path.components().skip(1).collect();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes)?;
        files.insert(below.to_string_lossy().into_owned(), bytes);
    }
    Ok(files)
}

/// What Helm packs of a chart: its files, and its own dependencies from beside it. Hidden files among the templates are left
/// out, as Helm's built-in rule has it; a `.helmignore` is none of this repository's.
fn content(dir: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    let chart = Chart::read(dir)?;
    walk(dir, dir, prefix, files)?;
    for dependency in chart.dependencies {
        if let Some(below) = &dependency.dir {
            content(below, &format!("{prefix}charts/{}/", dependency.name), files)?;
        }
    }
    Ok(())
}

fn walk(top: &Path, dir: &Path, prefix: &str, files: &mut Files) -> Result<()> {
    for entry in std::fs::read_dir(dir).with_context(|| format!("could not read {}", dir.display()))? {
        let path = entry?.path();
        let below = path.strip_prefix(top).unwrap_or(&path);
        let hidden = path.file_name().is_some_and(|n| n.as_encoded_bytes().starts_with(b"."));
        if below == Path::new("charts") || hidden && below.starts_with("templates") {
            continue;
        }
        if path.is_dir() {
            walk(top, &path, prefix, files)?;
        } else {
            let bytes = std::fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
            files.insert(format!("{prefix}{}", below.display()), bytes);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    /// A library, a chart that uses it, and the packed copy as Helm would make it.
    fn shop() -> (tempfile::TempDir, Chart) {
        let dir = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = dir.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("library/Chart.yaml", "# A comment.\nname: lib\nversion: 1.0.0\n");
        write("library/values.yaml", "a: 1\n");
        write("library/templates/_all.tpl", "text");
        write("library/templates/.hidden", "x");
        write("app/Chart.yaml", "name: app\ndependencies:\n  - {name: lib, version: 1.0.0, repository: \"file://../library\"}\n");
        let chart = Chart::read(&dir.path().join("app")).unwrap();
        (dir, chart)
    }

    fn pack(chart: &Chart, name: &str, files: &[(&str, &str)]) {
        let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
        for (path, text) in files {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            archive.append_data(&mut header, format!("lib/{path}"), text.as_bytes()).unwrap();
        }
        std::fs::create_dir_all(chart.packed_dir()).unwrap();
        let bytes = archive.into_inner().unwrap().finish().unwrap();
        File::create(chart.packed_dir().join(name)).unwrap().write_all(&bytes).unwrap();
    }

    const GOOD: [(&str, &str); 3] =
        [("Chart.yaml", "version: 1.0.0\nname: lib\n"), ("values.yaml", "a: 1\n"), ("templates/_all.tpl", "text")];

    #[test]
    fn a_copy_with_the_same_content_is_up_to_date_whatever_its_age() {
        let (_dir, chart) = shop();
        assert_eq!(state(&chart).unwrap().unwrap(), "lib-1.0.0.tgz is missing");
        pack(&chart, "lib-1.0.0.tgz", &GOOD);
        assert_eq!(state(&chart).unwrap(), None);
    }

    #[test]
    fn every_difference_is_found() {
        let (dir, chart) = shop();
        for (changed, why) in [
            (&[GOOD[0], ("values.yaml", "a: 2\n"), GOOD[2]][..], "values.yaml differs"),
            (&GOOD[..2], "templates/_all.tpl differs"),
            (&[GOOD[0], GOOD[1], GOOD[2], ("templates/_old.tpl", "")], "templates/_old.tpl differs"),
            (&[("Chart.yaml", "version: 1.0.1\nname: lib\n"), GOOD[1], GOOD[2]], "Chart.yaml differs"),
        ] {
            pack(&chart, "lib-1.0.0.tgz", changed);
            assert_eq!(state(&chart).unwrap().unwrap(), format!("lib-1.0.0.tgz: {why}"));
        }
        pack(&chart, "lib-1.0.0.tgz", &GOOD);
        std::fs::write(dir.path().join("library/templates/_new.tpl"), "").unwrap();
        assert_eq!(state(&chart).unwrap().unwrap(), "lib-1.0.0.tgz: templates/_new.tpl differs");
        std::fs::write(chart.packed_dir().join("lib-1.0.0.tgz"), "half").unwrap();
        assert_eq!(state(&chart).unwrap().unwrap(), "lib-1.0.0.tgz: it cannot be read");
    }

    #[test]
    fn an_older_version_beside_the_wanted_one_is_a_reason_too() {
        let (_dir, chart) = shop();
        pack(&chart, "lib-1.0.0.tgz", &GOOD);
        pack(&chart, "lib-0.9.0.tgz", &GOOD);
        assert_eq!(state(&chart).unwrap().unwrap(), "there are copies that it does not name");
    }

    #[test]
    fn a_copy_is_known_by_the_name_of_its_dependency() {
        let (_dir, chart) = shop();
        for name in ["lib-0.9.0.tgz", "lib-extra-1.0.0.tgz", "other-1.0.0.tgz"] {
            pack(&chart, name, &GOOD);
        }
        let known: Vec<bool> = copies(&chart).unwrap().iter().map(|c| c.known).collect();
        assert_eq!(known, [true, false, false]);
    }
}
