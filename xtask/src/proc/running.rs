//! Every process of this machine that may be looked at: which program it runs, and with which arguments.

use std::path::PathBuf;

/// A process as the operating system lists it.
#[derive(Clone, Debug)]
pub struct Running {
    pub pid: u32,
    /// The program file itself, links followed.
    pub program: PathBuf,
    /// Without the name of the program.
    pub args: Vec<String>,
}

/// Returns the processes; those of other users, and those that end meanwhile, are left out.
pub fn running() -> Vec<Running> {
    os::running()
}

#[cfg(target_os = "linux")]
mod os {
    use super::{PathBuf, Running};

    pub fn running() -> Vec<Running> {
        let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        entries.filter_map(|entry| look(entry.file_name().to_string_lossy().parse().ok()?)).collect()
    }

    fn look(pid: u32) -> Option<Running> {
        let program = std::fs::read_link(format!("/proc/{pid}/exe")).ok()?;
        let text = program.to_string_lossy();
        // A file that was removed while it runs.
        let program = text.strip_suffix(" (deleted)").map_or_else(|| program.clone(), PathBuf::from);
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).ok()?;
        let words = line.split(|b| *b == 0).map(|w| String::from_utf8_lossy(w).into_owned());
        Some(Running { pid, program, args: words.skip(1).filter(|w| !w.is_empty()).collect() })
    }
}

#[cfg(not(target_os = "linux"))]
mod os {
    use super::{PathBuf, Running};
    use crate::proc::{Interrupt, Invocation, Runner};

    pub fn running() -> Vec<Running> {
        let call = Invocation::reads("ps").args(["-axww", "-o", "pid=,args="]);
        let text = Runner::new(Interrupt::default()).run(&call).map(|out| out.text()).unwrap_or_default();
        let look = |line: &str| {
            let mut words = line.split_whitespace();
            let pid = words.next()?.parse().ok()?;
            // Started by a link; what lies behind it is what runs.
            let program = PathBuf::from(words.next()?);
            let program = program.canonicalize().unwrap_or(program);
            Some(Running { pid, program, args: words.map(str::to_string).collect() })
        };
        text.lines().filter_map(look).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_among_them_with_its_program_and_arguments() {
        let me = running().into_iter().find(|p| p.pid == std::process::id()).unwrap();
        assert_eq!(me.program, std::env::current_exe().unwrap().canonicalize().unwrap());
        assert_eq!(me.args, std::env::args().skip(1).collect::<Vec<_>>());
    }
}
