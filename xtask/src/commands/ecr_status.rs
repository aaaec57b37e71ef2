//! `cargo xtask ecr-status`: how long the cluster can still pull the shop's own images.

use crate::context::Context;
use crate::error::{Exit, Result};
use crate::registry::{Login, Registry, SECRET, VALID, duration};
use crate::ui::Paint;

/// Show age and remaining time of the registry login
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: k3d\n\nExit code 1 when nothing can be pulled.\n\nExamples:\n  cargo xtask ecr-status\n  cargo xtask ecr-status --env dev"
)]
pub struct Args {}

pub fn run(_: &Args, cx: &Context) -> Result<Exit> {
    cx.require_dev("ecr-status")?;
    super::require_containers(cx, "ecr-status", super::NOTHING_IS_PULLED)?;
    let kubectl = super::running_kubectl(cx)?;
    let registry = Registry::parse(&cx.environment.registry)?;
    let (text, exit) = describe(&registry.live_login(&kubectl)?);
    cx.ui.out(format!("registry: {}", registry.host));
    cx.ui.out(if exit == Exit::Done { text } else { cx.ui.paint(Paint::Red, &text) });
    if exit != Exit::Done {
        cx.ui.out("the services run the public stand-in image, from the next dev-init on\n\nnext: cargo xtask ecr-login");
    }
    Ok(exit)
}

/// What the login is worth, and whether images can be pulled with it.
pub fn describe(login: &Login) -> (String, Exit) {
    let name = SECRET.name;
    match login {
        Login::Valid { age } => (format!("{name}: {} old, good for another {}", duration(*age), duration(VALID - age)), Exit::Done),
        Login::Expired { age } => (format!("{name}: EXPIRED {} ago", duration(age - VALID)), Exit::Problems),
        Login::Useless(why) => (format!("{name}: useless, {why}"), Exit::Problems),
        Login::None => (format!("{name}: there is none"), Exit::Problems),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expiry_is_said_loudly() {
        let (text, exit) = describe(&Login::Expired { age: VALID + 3600 });
        assert_eq!((text.as_str(), exit), ("ecr-secret: EXPIRED 1 h 0 min ago", Exit::Problems));
        let (text, exit) = describe(&Login::Valid { age: 3600 });
        assert_eq!((text.as_str(), exit), ("ecr-secret: 1 h 0 min old, good for another 11 h 0 min", Exit::Done));
    }
}
