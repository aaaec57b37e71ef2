//! `cargo xtask completions SHELL`: what a shell needs to complete commands and options.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;
use crate::error::{Error, Exit, Result};
use crate::ui::Ui;

/// The word that is completed. Cargo completes its own subcommands only, and knows nothing of ours.
const NAME: &str = "xtask";

/// Print the completions for a shell
#[derive(clap::Args)]
#[command(
    after_long_help = "Engines: all\n\nShells do not look behind `cargo xtask`, so the completions are for the word `xtask`. Make it a function and install them once:\n\n  bash   echo 'xtask() { cargo xtask \"$@\"; }' >> ~/.bashrc\n         cargo xtask completions bash > ~/.local/share/bash-completion/completions/xtask\n  zsh    echo 'xtask() { cargo xtask \"$@\" }' >> ~/.zshrc\n         cargo xtask completions zsh > ~/.zfunc/_xtask      (a folder of your fpath)\n  fish   echo 'function xtask; cargo xtask $argv; end' > ~/.config/fish/functions/xtask.fish\n         cargo xtask completions fish > ~/.config/fish/completions/xtask.fish\n\nExamples:\n  cargo xtask completions bash\n  cargo xtask completions zsh"
)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

pub fn run(args: &Args, ui: &Ui) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command().name(NAME), NAME, &mut script);
    let script = String::from_utf8(script).map_err(|e| Error::failed(format!("the completions are no text: {e}")))?;
    ui.out(script.trim_end());
    Ok(Exit::Done)
}
