//! What tools.toml pins: programs and sets of definitions, here already or where they would come from.

use super::programs::Has;
use super::{Check, State};
use crate::context::Context;
use crate::error::Result;
use crate::provision::{Origin, Sources, dotted, record_hint};
use crate::steps;
use crate::ui;

/// A pinned program or set.
pub struct Thing {
    name: String,
    version: String,
    /// Does the chosen engine need it?
    pub needed: bool,
    /// Where it is; `None` when it has to be brought.
    here: Option<String>,
    sources: Sources,
}

/// How something that is not here would arrive.
#[derive(Debug, PartialEq, Eq)]
enum Way {
    Mirror,
    Download(String),
    Build,
    /// With what is missing for it; empty when no checksum is recorded for its only source.
    None(String),
}

impl Thing {
    pub fn is_here(&self) -> bool {
        self.here.is_some()
    }

    pub fn is_mirrored(&self) -> bool {
        self.sources.mirrored
    }

    pub fn is_downloaded(&self) -> bool {
        self.sources.host.is_some()
    }

    /// The Go that would build or fetch it.
    pub fn go(&self) -> Option<[u32; 3]> {
        self.sources.build.map(|b| b.go)
    }

    /// About how long a build takes.
    pub fn seconds(&self) -> u64 {
        self.sources.build.map_or(0, |b| b.seconds)
    }

    /// Is it a program, and not a set of files?
    pub fn is_tool(&self) -> bool {
        self.seconds() > 0
    }

    /// Would the next run compile it?
    pub fn is_built(&self, has: &Has) -> bool {
        !self.is_here() && self.is_tool() && self.way(has) == Way::Build
    }

    fn way(&self, has: &Has) -> Way {
        let Sources { mirrored, host, build } = &self.sources;
        if *mirrored {
            return Way::Mirror;
        }
        match (host, build) {
            (Some(host), _) if has.curl => Way::Download(host.clone()),
            (_, Some(_)) if has.go && has.git => Way::Build,
            (host, build) => {
                let curl = host.as_ref().map(|_| "curl".to_string());
                let go = build.map(|_| format!("git and Go {}", dotted(has.go_needed)));
                Way::None(curl.into_iter().chain(go).collect::<Vec<_>>().join(", or "))
            }
        }
    }
}

/// The tools of the lock; `wanted` are those of the chosen engine. A program that has to be asked for its version is asked
/// beside the others.
pub fn tools(cx: &Context, wanted: &[&str]) -> Result<Vec<Thing>> {
    let found: Vec<_> = std::thread::scope(|scope| {
        let look = |name: &str| cx.provision.look(name);
        let threads: Vec<_> = cx.provision.tools().iter().map(|tool| scope.spawn(move || look(&tool.name))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(None))).collect()
    });
    let thing = |(tool, found): (&crate::provision::Tool, Result<Option<crate::provision::Found>>)| {
        let here = found?.map(|f| match f.origin {
            Origin::Cache { built: true } => "cache, built here".to_string(),
            Origin::Cache { built: false } => "cache, downloaded".to_string(),
            Origin::Path => f.path.display().to_string(),
        });
        let needed = wanted.contains(&tool.name.as_str());
        Ok(Thing { name: tool.name.clone(), version: tool.version.clone(), needed, here, sources: cx.provision.sources(&tool.name)? })
    };
    cx.provision.tools().iter().zip(found).map(thing).collect()
}

/// The sets of definitions that the environment uses.
pub fn artifacts(cx: &Context) -> Result<Vec<Thing>> {
    let thing = |name: &str| {
        let (version, sources) = cx.provision.artifact_sources(name)?;
        let here = cx.provision.look_artifact(name).map(|_| "cache".to_string());
        Ok(Thing { name: name.to_string(), version: version.to_string(), needed: true, here, sources })
    };
    steps::artifacts::Sets::OfEnvironment.names(cx).into_iter().map(thing).collect()
}

pub fn checks(group: &'static str, things: &[Thing], has: &Has) -> Vec<Check> {
    let row = |thing: &Thing| {
        let check = |from: String| Check { needed: thing.needed, ..Check::ok(group, &thing.name, &thing.version, from) };
        if let Some(here) = &thing.here {
            return check(here.clone());
        }
        match thing.way(has) {
            Way::Mirror => check("would come from the mirror".into()),
            Way::Download(host) => check(format!("would be downloaded from {host}")),
            Way::Build if thing.is_tool() => check(format!("would be built, about {}", ui::roughly(thing.seconds()))),
            Way::Build => check("would be fetched by Go".into()),
            Way::None(needs) => {
                let state = if thing.needed { State::Missing } else { State::Optional };
                let mend = if needs.is_empty() { record_hint(&thing.name) } else { format!("install {needs}") };
                check("cannot be had".into()).state(state).mend(mend)
            }
        }
    };
    things.iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provision::Build;

    fn thing(mirrored: bool, host: Option<&str>, build: Option<Build>) -> Thing {
        let sources = Sources { mirrored, host: host.map(str::to_string), build };
        Thing { name: "etcd".into(), version: "3.6.14".into(), needed: true, here: None, sources }
    }

    const BUILD: Option<Build> = Some(Build { seconds: 31, go: [1, 26, 3] });

    #[test]
    fn the_way_is_the_first_one_that_this_machine_can_go() {
        let has = |curl, go| Has::for_test(curl, go);
        assert_eq!(thing(true, Some("x.org"), BUILD).way(&has(true, true)), Way::Mirror);
        assert_eq!(thing(false, Some("x.org"), BUILD).way(&has(true, true)), Way::Download("x.org".into()));
        assert_eq!(thing(false, Some("x.org"), BUILD).way(&has(false, true)), Way::Build);
        assert_eq!(thing(false, Some("x.org"), BUILD).way(&has(false, false)), Way::None("curl, or git and Go 1.26.3".into()));
        assert_eq!(thing(false, Some("x.org"), None).way(&has(false, true)), Way::None("curl".into()));
        assert_eq!(thing(false, None, BUILD).way(&has(true, false)), Way::None("git and Go 1.26.3".into()));
    }

    #[test]
    fn what_cannot_be_had_stops_only_if_the_engine_needs_it() {
        let has = Has::for_test(false, false);
        let needed = thing(false, None, BUILD);
        let other = Thing { needed: false, ..thing(false, None, BUILD) };
        let checks = checks("tools", &[needed, other], &has);
        assert!(checks[0].stops());
        assert_eq!((checks[1].state, checks[1].stops()), (State::Optional, false));
    }
}
