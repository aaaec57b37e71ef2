#!/bin/sh
# What the retired scripts share: finds the command that stands in for an old flag, says so, and becomes it.
#   retired.sh SCRIPT 'FLAG=COMMAND …' [FLAG]    (none)=COMMAND is for a call without a flag; + in it is a blank
# Plain POSIX sh: macOS has an old bash.
set -uf
script=$1
table=$2
shift 2

words() (
    IFS=+
    set -- $1
    IFS=' '
    printf '%s\n' "$*"
)

list() {
    for pair in $table; do
        printf '  %-16s cargo xtask %s\n' "${pair%%=*}" "$(words "${pair#*=}")"
    done
}

if [ $# -gt 1 ]; then
    printf 'error: %s takes one flag\n%s\n' "$script" "$(list)" >&2
    exit 2
fi
flag=${1-(none)}
if [ "$flag" = --help ] || [ "$flag" = -h ]; then
    printf '%s is retired. What stands in for it:\n%s\n' "$script" "$(list)"
    exit 0
fi
command=
for pair in $table; do
    if [ "${pair%%=*}" = "$flag" ]; then
        command=$(words "${pair#*=}")
    fi
done
if [ -z "$command" ]; then
    printf 'error: %s has no flag `%s`\n%s\n' "$script" "$flag" "$(list)" >&2
    exit 2
fi
printf '%s is deprecated; use: cargo xtask %s\n' "$script" "$command" >&2
if ! command -v cargo >/dev/null; then
    printf 'error: `cargo` is not installed\nHint: install Rust: https://rustup.rs\n' >&2
    exit 4
fi
# The alias `xtask` is known inside the repository only.
CDPATH='' cd -- "$(dirname -- "$0")/.." || exit 3
exec cargo xtask $command
