//! The login to the registry of the shop's own images, where somebody is logged in to AWS; else the stand-in image.

use crate::context::Context;
use crate::engine::State;
use crate::error::Result;
use crate::proc::Invocation;
use crate::registry::{self, Login, Registry, duration};
use crate::tools::{Aws, Kubectl, Password};
use crate::ui::Task;

pub struct Step;

impl crate::engine::Step for Step {
    fn id(&self) -> &'static str {
        "registry"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["namespaces"]
    }

    fn probe(&self, cx: &Context) -> Result<State> {
        let Ok(registry) = Registry::parse(&cx.environment.registry) else {
            return Ok(State::UpToDate(format!("{}, which asks for no login of Amazon's", cx.environment.registry)));
        };
        let login = registry.live_login(&super::kubectl(cx)?)?;
        // AWS is asked only when the answer matters: it takes a second, and a network.
        if let Login::Valid { age } = login
            && age < registry::RENEW
        {
            return Ok(State::UpToDate(good_for(&registry.host, age)));
        }
        let (state, warning) = judge(&registry.host, login, registry.require_login(&Aws::new(&cx.runner)));
        if let Some(text) = warning {
            cx.ui.warn(text);
        }
        Ok(state)
    }

    fn plan(&self, cx: &Context) -> Result<Vec<Invocation>> {
        let registry = Registry::parse(&cx.environment.registry)?;
        // The password is made while applying and goes through stdin; the call is the same with any.
        let secret = registry.secret(&Password(String::new()), 0);
        Ok(vec![Aws::new(&cx.runner).password_call(&registry.region), super::planned_kubectl(cx)?.apply_call(&[secret])?])
    }

    fn apply(&self, cx: &Context, _: &Task) -> Result<()> {
        let registry = Registry::parse(&cx.environment.registry)?;
        log_in(cx, &super::kubectl(cx)?, &registry)
    }
}

fn good_for(host: &str, age: u64) -> String {
    format!("{host}, good for another {}", duration(registry::VALID - age))
}

/// The state of a login that is missing or old, and what to warn of, by whether this shell could make another.
fn judge(host: &str, login: Login, credentials: Result<()>) -> (State, Option<String>) {
    match (credentials, login) {
        (Ok(()), Login::None) => (State::Missing, None),
        (Ok(()), Login::Useless(why)) => (State::NeedsRepair(why), None),
        (Ok(()), Login::Valid { age } | Login::Expired { age }) => {
            (State::Drifted { want: "a fresh password".into(), have: format!("one that is {} old", duration(age)) }, None)
        }
        (Err(why), Login::Valid { age }) => {
            let warning = format!("the password of the registry cannot be renewed: {}", why.one_line());
            (State::UpToDate(good_for(host, age)), Some(warning))
        }
        (Err(why), _) => {
            let warning = format!(
                "the seven services run the public stand-in image, which answers everything with 200: {}; \
                 log in to AWS for the shop's own images: cargo xtask ecr-login, then cargo xtask dev-init",
                why.one_line()
            );
            (State::UpToDate("stand-in image; no login to the shop's own registry".into()), Some(warning))
        }
    }
}

/// Makes or renews the Secret. Errors: prerequisite, without a login to the registry's account.
pub fn log_in(cx: &Context, kubectl: &Kubectl, registry: &Registry) -> Result<()> {
    let password = registry.password(&Aws::new(&cx.runner))?;
    kubectl.apply(&[registry.secret(&password, crate::utc::now())])
}

/// Do the services run the stand-in image? They do as long as no Secret would let them pull their own from Amazon.
pub fn stands_in(cx: &Context, kubectl: &Kubectl) -> Result<bool> {
    let Ok(registry) = Registry::parse(&cx.environment.registry) else { return Ok(false) };
    Ok(!matches!(registry.live_login(kubectl)?, Login::Valid { .. }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn who_can_log_in_does_and_who_cannot_is_told_about_the_stand_in() {
        let judge = |login, credentials| judge("host", login, credentials);
        let none = || Err(Error::prerequisite("no aws"));
        assert_eq!(judge(Login::None, Ok(())), (State::Missing, None));
        assert!(matches!(judge(Login::Expired { age: registry::VALID }, Ok(())).0, State::Drifted { .. }));
        assert!(matches!(judge(Login::Valid { age: registry::RENEW }, Ok(())).0, State::Drifted { .. }));
        // As long as the old one is good, the services keep their own images.
        let (state, warning) = judge(Login::Valid { age: registry::RENEW }, none());
        assert_eq!(state, State::UpToDate("host, good for another 1 h 0 min".into()));
        assert!(warning.unwrap().contains("cannot be renewed: no aws"));
        for login in [Login::None, Login::Useless("x".into()), Login::Expired { age: registry::VALID }] {
            let (state, warning) = judge(login, none());
            assert!(matches!(state, State::UpToDate(fact) if fact.starts_with("stand-in image")));
            assert!(warning.unwrap().contains("public stand-in image"));
        }
    }
}
