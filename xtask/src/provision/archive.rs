//! Takes one program out of a release archive (.tar.gz), and nothing else.

use std::fs::File;
use std::io::BufReader;
use std::path::{Component, Path};

use flate2::read::GzDecoder;
use tar::{Archive, EntryType};

use crate::error::{Context as _, Error, Result};

/// Writes the member named `member` to `target`. The whole archive is read: one bad name in it is reason to refuse all.
///
/// Errors: the member is absent, twice there, or not a plain file; a name leads out of the archive; broken data.
pub(super) fn extract(archive: &Path, member: &str, target: &Path) -> Result<()> {
    read(archive, member, target).with_context(|| format!("could not take `{member}` out of the archive"))
}

fn read(archive: &Path, member: &str, target: &Path) -> Result<()> {
    let file = BufReader::with_capacity(128 * 1024, File::open(archive)?);
    let mut found = false;
    for entry in Archive::new(GzDecoder::new(file)).entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        if !stays_inside(&path) {
            return Err(Error::failed(format!("its member `{}` leads out of the archive", path.display())));
        }
        if path.strip_prefix(".").unwrap_or(&path) != Path::new(member) {
            continue;
        }
        // A link would make us write, or later run, something else than the bytes that were checked.
        if !matches!(entry.header().entry_type(), EntryType::Regular | EntryType::Continuous) {
            return Err(Error::failed("it is not a plain file"));
        }
        if found {
            return Err(Error::failed("it is there twice"));
        }
        found = true;
        let mut out = File::create(target)?;
        std::io::copy(&mut entry, &mut out)?;
    }
    if found { Ok(()) } else { Err(Error::failed("there is no such member")) }
}

fn stays_inside(path: &Path) -> bool {
    path.components().all(|c| matches!(c, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::tests::tar_gz;

    fn take(members: &[(&str, EntryType, &str)]) -> Result<String> {
        let dir = tempfile::tempdir().unwrap();
        let archive = dir.path().join("a.tar.gz");
        std::fs::write(&archive, tar_gz(members)).unwrap();
        let target = dir.path().join("out");
        extract(&archive, "linux-amd64/helm", &target)?;
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2, "something else was extracted");
        Ok(std::fs::read_to_string(target).unwrap())
    }

    #[test]
    fn only_the_named_member_is_taken() {
        let members = [("linux-amd64/README.md", EntryType::Regular, "text"), ("linux-amd64/helm", EntryType::Regular, "program")];
        assert_eq!(take(&members).unwrap(), "program");
        assert_eq!(take(&[("./linux-amd64/helm", EntryType::Regular, "program")]).unwrap(), "program");
    }

    #[test]
    fn a_name_that_leads_out_refuses_the_whole_archive() {
        let good = ("linux-amd64/helm", EntryType::Regular, "program");
        for bad in ["../evil", "linux-amd64/../../evil", "/etc/evil"] {
            let e = take(&[good, (bad, EntryType::Regular, "evil")]).unwrap_err();
            assert_eq!(e.causes(), [format!("its member `{bad}` leads out of the archive")]);
        }
    }

    #[test]
    fn an_archive_without_the_member_says_so() {
        let e = take(&[("linux-amd64/tiller", EntryType::Regular, "old")]).unwrap_err();
        assert_eq!(e.one_line(), "could not take `linux-amd64/helm` out of the archive: there is no such member");
    }

    #[test]
    fn links_and_doubles_are_refused() {
        for kind in [EntryType::Symlink, EntryType::Link] {
            assert_eq!(take(&[("linux-amd64/helm", kind, "")]).unwrap_err().causes(), ["it is not a plain file"]);
        }
        let good = ("linux-amd64/helm", EntryType::Regular, "program");
        assert_eq!(take(&[good, good]).unwrap_err().causes(), ["it is there twice"]);
    }
}
