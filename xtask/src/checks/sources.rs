//! Checks of the program's own sources: format, lints, tests.

use std::time::Duration;

use super::{Report, Verdict};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::proc::Invocation;

/// A cold build of everything on a slow machine.
const LONGEST: Duration = Duration::from_secs(1800);

pub fn run(cx: &Context, report: &mut Report<'_>) -> Result<()> {
    report.check("format", || cargo(cx, &["fmt", "--check"]).map(|_| Verdict::Passed("rustfmt changes nothing".into())))?;
    report.check("lints", || {
        cargo(cx, &["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"])?;
        Ok(Verdict::Passed("clippy finds nothing".into()))
    })?;
    report.check("tests", || {
        let printed = cargo(cx, &["test", "--workspace", "--quiet"])?;
        let (passed, ignored) = count(&printed);
        if passed == 0 {
            return Err(Error::failed("no test ran"));
        }
        Ok(Verdict::Passed(format!("{passed} tests passed, {ignored} ignored")))
    })?;
    Ok(())
}

fn cargo(cx: &Context, args: &[&str]) -> Result<String> {
    // Its own colours and bars would end up in an error message.
    let call = Invocation::writes("cargo").args(args).env("CARGO_TERM_COLOR", "never").env("CARGO_TERM_PROGRESS_WHEN", "never");
    let mut stdout = Vec::new();
    let result = cx.runner.run_keeping(&call.cwd(cx.repo.root()).timeout(LONGEST), &mut stdout);
    let printed = String::from_utf8_lossy(&stdout).into_owned();
    // Test runners name what failed on stdout.
    let failed = printed.lines().filter(|l| l.contains("FAILED") || l.contains("panicked at"));
    result.map_err(|f| failed.fold(Error::from(f), |e, line| e.cause(line.trim())))?;
    Ok(printed)
}

/// Sums the lines `test result: ok. 12 passed; 0 failed; 1 ignored; …`.
fn count(printed: &str) -> (usize, usize) {
    let results = printed.lines().filter_map(|l| l.strip_prefix("test result: ok. "));
    let number = |line: &str, word: &str| {
        let part = line.split("; ").find_map(|p| p.strip_suffix(word));
        part.and_then(|n| n.trim().parse::<usize>().ok()).unwrap_or_default()
    };
    results.fold((0, 0), |(passed, ignored), line| (passed + number(line, " passed"), ignored + number(line, " ignored")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_are_summed() {
        let printed = "running 2 tests\n..\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
                       \ntest result: ok. 40 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.7s\n";
        assert_eq!(count(printed), (42, 1));
    }
}
