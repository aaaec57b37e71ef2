//! What every command works with. The only file that reads environment variables.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::cli::Global;
use crate::cluster::Engines;
use crate::error::{Context as _, Error, Result};
use crate::proc::Runner;
use crate::provision::{Provision, Settings};
use crate::repo::environment::Engine;
use crate::repo::{Environment, Repo};
use crate::tools::Git;
use crate::ui::Ui;

/// Variables of the user's environment that mean something to this program.
pub struct Variables {
    pub cache_dir: Option<PathBuf>,
    pub mirror: Option<PathBuf>,
    pub path: Option<OsString>,
    pub home: Option<PathBuf>,
    pub xdg_cache_home: Option<PathBuf>,
    pub no_color: bool,
}

impl Variables {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
    pub fn read() -> Self {
        // An empty variable is an unset one, as the XDG specification has it.
        let var = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty());
        Variables {
            cache_dir: var("XTASK_CACHE_DIR").map(PathBuf::from),
            mirror: var("XTASK_MIRROR").map(PathBuf::from),
            path: var("PATH"),
            home: var("HOME").map(PathBuf::from),
            xdg_cache_home: var("XDG_CACHE_HOME").map(PathBuf::from),
            no_color: var("NO_COLOR").is_some(),
        }
    }

    /// The folder of this program's cache, shared by every clone. Errors: no home folder is known.
    fn cache(&self) -> Result<PathBuf> {
        let base = self.xdg_cache_home.clone().or_else(|| self.home.as_ref().map(|h| h.join(".cache")));
        let dir = self.cache_dir.clone().or_else(|| base.map(|b| b.join("c4ang-xtask")));
        let dir = dir.ok_or_else(|| Error::prerequisite("no folder for the cache").hint("set XTASK_CACHE_DIR"))?;
        Ok(std::path::absolute(dir)?)
    }
}

/// The environment, if the user names none.
const DEFAULT: &str = "dev";

/// Repository, environment, tools, terminal: everything a step or command may use.
pub struct Context {
    pub ui: Ui,
    pub runner: Runner,
    pub repo: Repo,
    pub environment: Environment,
    pub provision: Provision,
    /// What this run has found out about engines.
    pub engines: Engines,
    /// The user's limit for waiting.
    timeout: Option<Duration>,
    /// Print what would be done, write nothing.
    pub plan: bool,
    /// Do not ask.
    pub yes: bool,
    engine: Option<Engine>,
    /// The environment that the user named.
    env_wish: Option<String>,
    /// Is everything done on a cluster of its own, beside the environment's?
    rehearsal: bool,
    search_path: String,
}

impl Context {
    pub fn new(global: &Global, vars: &Variables, ui: Ui, runner: Runner) -> Result<Self> {
        let here = std::env::current_dir().context("could not find out where this is")?;
        let repo = Repo::find(global.root.as_deref(), &here)?;
        let environment = Environment::read(&repo, global.env.as_deref().unwrap_or(DEFAULT))?;
        Self::made(global, vars, ui, runner, repo, environment)
    }

    /// For commands that only look at GitOps files: any folder will do, and where no environment is described nothing is known of one.
    pub fn looking(global: &Global, vars: &Variables, ui: Ui, runner: Runner) -> Result<Self> {
        let here = std::env::current_dir().context("could not find out where this is")?;
        let repo = Repo::any(global.root.as_deref(), &here)?;
        let name = global.env.as_deref().unwrap_or(DEFAULT);
        let environment = Environment::read(&repo, name).unwrap_or_else(|_| Environment::unknown(name));
        Self::made(global, vars, ui, runner, repo, environment)
    }

    fn made(global: &Global, vars: &Variables, ui: Ui, runner: Runner, repo: Repo, environment: Environment) -> Result<Self> {
        let settings = Settings {
            cache_dir: vars.cache()?,
            mirror: vars.mirror.as_deref().map(std::path::absolute).transpose()?,
            path: vars.path.clone(),
        };
        let provision = Provision::new(settings, runner.clone(), ui.clone())?;
        require_known(&environment, &provision, &repo)?;
        Ok(Context {
            provision,
            ui,
            runner,
            repo,
            environment,
            engines: Engines::default(),
            timeout: global.timeout.map(Duration::from_secs),
            plan: global.plan,
            yes: global.yes,
            engine: global.engine.0,
            env_wish: global.env.clone(),
            rehearsal: false,
            search_path: vars.path.clone().unwrap_or_default().to_string_lossy().into_owned(),
        })
    }

    /// The same user, tools and terminal on another clone, with this engine. Errors: it is no repository of this kind.
    pub fn elsewhere(&self, root: &Path, engine: Engine) -> Result<Self> {
        let repo = Repo::find(Some(root), root)?;
        Ok(Context {
            ui: self.ui.clone(),
            runner: self.runner.clone(),
            environment: Environment::read(&repo, self.env())?,
            repo,
            provision: self.provision.clone(),
            engines: Engines::default(),
            timeout: self.timeout,
            plan: false,
            yes: true,
            engine: Some(engine),
            env_wish: self.env_wish.clone(),
            rehearsal: false,
            search_path: self.search_path.clone(),
        })
    }

    /// The same repository, user, tools and terminal in another environment, on whatever engine it prefers. Errors: there is none of
    /// that name.
    pub fn in_environment(&self, name: &str) -> Result<Self> {
        let environment = Environment::read(&self.repo, name)?;
        require_known(&environment, &self.provision, &self.repo)?;
        Ok(Context { environment, rehearsal: false, ..self.rehearsal() })
    }

    /// The same, with a simulated cluster, state and kubeconfig of its own, whatever else this environment has.
    pub fn rehearsal(&self) -> Self {
        Context {
            ui: self.ui.clone(),
            runner: self.runner.clone(),
            environment: self.environment.clone(),
            repo: self.repo.clone(),
            provision: self.provision.clone(),
            engines: Engines::default(),
            timeout: self.timeout,
            plan: self.plan,
            yes: self.yes,
            engine: None,
            env_wish: self.env_wish.clone(),
            rehearsal: true,
            search_path: self.search_path.clone(),
        }
    }

    /// The same user, tools and terminal on another copy of this repository, such as an older one, in one of its environments.
    /// Errors: the copy does not describe it, or not rightly.
    pub fn at(&self, root: &Path, environment: &str) -> Result<Self> {
        let repo = Repo::any(Some(root), root)?;
        let environment = Environment::read(&repo, environment)?;
        require_known(&environment, &self.provision, &repo)?;
        Ok(Context { engine: self.engine, repo, environment, rehearsal: false, ..self.rehearsal() })
    }

    pub fn is_rehearsal(&self) -> bool {
        self.rehearsal
    }

    pub fn env(&self) -> &str {
        &self.environment.name
    }

    /// The environment that the user asked for; `None` means dev, and all of them where GitOps files are looked at.
    pub fn env_wish(&self) -> Option<&str> {
        self.env_wish.as_deref()
    }

    /// The engine that the user asked for; `None` means whatever fits.
    pub fn engine_wish(&self) -> Option<Engine> {
        self.engine
    }

    /// The limit for waiting until everything is healthy: what the user says, else what fits the engine.
    pub fn timeout(&self) -> Duration {
        // Containers pull their images; what is not chosen yet is waited for by nobody but the lock.
        let fits = if self.engines.chosen() == Some(Engine::K3d) { 1200 } else { 300 };
        self.timeout_or(Duration::from_secs(fits))
    }

    /// The limit for waiting: what the user says, else `fits`.
    pub fn timeout_or(&self, fits: Duration) -> Duration {
        self.timeout.unwrap_or(fits)
    }

    /// The user's PATH, for programs that call programs.
    pub fn search_path(&self) -> &str {
        &self.search_path
    }

    /// The folder where this clone keeps the environment's state.
    pub fn state_dir(&self) -> PathBuf {
        let name = if self.rehearsal { format!("rehearsal-{}", self.env()) } else { self.env().to_string() };
        self.repo.state_dir(&name)
    }

    pub fn kubeconfig(&self) -> PathBuf {
        if self.rehearsal { self.state_dir().join("kubeconfig/config") } else { self.repo.kubeconfig(self.env()) }
    }

    /// Snapshots of this working tree.
    pub fn git(&self) -> Git<'_> {
        Git::new(&self.runner, self.repo.root(), self.state_dir().join("source.git"))
    }

    /// Refuses what belongs on a contributor's machine in an environment that is not one.
    pub fn require_dev(&self, command: &str) -> Result<()> {
        if self.env() == "dev" {
            return Ok(());
        }
        Err(Error::usage(format!("`{command}` works on the environment `dev` only, not on `{}`", self.env()))
            .hint(format!("leave --env out: cargo xtask {command}")))
    }

    /// Asks before something is destroyed. `--yes` answers; without a terminal and without it, that is wrong usage.
    pub fn confirm(&self, command: &str, question: &str) -> Result<bool> {
        if self.yes {
            return Ok(true);
        }
        self.ui.ask(question)?.ok_or_else(|| {
            let what = format!("`{command}` asks before it deletes anything, and there is no terminal to ask on");
            Error::usage(what).hint(format!("answer beforehand: cargo xtask {command} --yes"))
        })
    }
}

/// Refuses a set of definitions that tools.toml does not have, before anything is done.
fn require_known(environment: &Environment, provision: &Provision, repo: &Repo) -> Result<()> {
    let known = provision.artifacts();
    let Some(unknown) = environment.provides.definitions.iter().find(|d| !known.contains(&d.as_str())) else { return Ok(()) };
    let file = repo.shown(&repo.environment_file(&environment.name));
    Err(Error::usage(format!("{file}: there is no set of definitions `{unknown}`")).cause(format!("known ones: {}", known.join(", "))))
}
