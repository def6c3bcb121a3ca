#!/bin/sh
# The commands of Stemwire. They need python3 (3.11 or newer, with venv) and a package index, nothing else.
#
#   ./run.sh demo [--port N] [--next-night]         run a night on the bundled newsroom, then serve the site
#   ./run.sh test [--quick] [PYTEST ARGS]           lint, types, tests; --quick: unit tests only
#   ./run.sh lock                                   requirements*.in -> requirements*.txt
#   ./run.sh bench NAME [ARGS]                      a measurement: extract feeds apis entities linking news links …
#   ./run.sh COMMAND [ARGS]                         any command of pipeline.py: nightly, serve, status, subscribe …
#
# Exit codes: those of the command; 1 when the packages cannot be installed; 2 when the command line is wrong.
#
# How it installs: .venv is a link to a folder in .venvs, which holds what requirements.txt locks, by hash. `test`,
# `bench` and `lock` need requirements-test.txt too. When a lock has changed, a new folder is built next to the old one,
# and the link is swapped when the new one is whole. A build that fails or is interrupted changes nothing: the old link
# goes on working. A second run.sh waits for the first. The folder that was replaced is kept until the next swap,
# because a night or a server may still run from it.
set -eu
cd "$(dirname "$0")"

usage() { sed -n '2,10s/^# \{0,1\}//p' run.sh; }
say() { echo "run.sh: $*" >&2; }
new='' job=''

fail() {  # one line, and nothing half built is left
    trap '' INT TERM HUP
    if [ -n "$job" ]; then kill "$job" 2>/dev/null || true; wait "$job" || true; fi
    [ -z "$new" ] || rm -rf "$new"
    say "$*"
    exit 1
}

holds() {  # LOCK...: is this what the link leads to?
    for lock in "$@"; do cmp -s "$lock" ".venv/$lock" || return 1; done
    .venv/bin/python -c 'import pip' 2>/dev/null  # not so when the system's python is another one now
}

step() {  # COMMAND...: one part of a build; it can be interrupted, and what it prints goes to the log
    "$@" >>.venvs/install.log 2>&1 &
    job=$!
    if wait "$job"; then job=''; else job=''; return 1; fi
}

install() {  # LOCK...: make the link lead to a folder that holds these
    if holds "$@"; then return; fi
    command -v python3 >/dev/null 2>&1 || fail "python3 is not installed (3.11 or newer is needed)"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "python3 is $(python3 -V 2>&1 | cut -d' ' -f2); 3.11 or newer is needed"
    trap 'fail "interrupted; what was installed before is unchanged"' INT TERM HUP
    mkdir -p .venvs
    exec 9>.venvs/lock  # the lock ends with the last process that holds it, however that dies
    if ! python3 -c 'import fcntl; fcntl.flock(0, fcntl.LOCK_EX | fcntl.LOCK_NB)' <&9 2>/dev/null; then
        say "waiting for another run.sh that installs"
        python3 -c 'import fcntl; fcntl.flock(0, fcntl.LOCK_EX)' <&9
    fi
    holds "$@" || build "$@"
    exec 9>&-
    trap - INT TERM HUP
}

build() {  # LOCK...: only one process at a time is here
    old=$(readlink .venv || true)
    new=.venvs/$(cat "$@" | cksum | cut -d' ' -f1)
    [ "$new" != "$old" ] || new=$new-again  # the folder is damaged: do not touch it before there is another
    say "installing into $new (once; a few minutes)"
    rm -rf "$new"
    : >.venvs/install.log
    step python3 -m venv "$new" ||
        fail "python3 -m venv failed (on Debian: apt install python3-venv); .venvs/install.log says more"
    wanted=''
    for lock in "$@"; do wanted="$wanted -r $lock"; done
    # shellcheck disable=SC2086  # names of locks hold no blanks
    step "$new/bin/python" -m pip install --disable-pip-version-check --no-input --progress-bar off \
        --require-hashes --only-binary :all: $wanted ||
        fail "the packages could not be installed; what was installed before is unchanged." \
            "$(grep -h '^ERROR' .venvs/install.log | tail -n 1) (all of it: .venvs/install.log)"
    cp "$@" "$new/"
    whole=$new new=''
    trap '' INT TERM HUP
    ln -sfn "$whole" .venvs/link
    if [ -d .venv ] && [ ! -L .venv ]; then mv .venv .venvs/folder; fi  # made before .venv was a link
    python3 -c 'import os; os.replace(".venvs/link", ".venv")'  # mv would move the link into the old folder
    for folder in .venvs/*/; do
        folder=${folder%/}
        [ "$folder" = "$whole" ] || [ "$folder" = "$old" ] || rm -rf "$folder"
    done
}

[ $# -gt 0 ] || { usage; exit 2; }
command=$1
shift
case $command in
    -h | --help | help) usage; exit 0 ;;
    test | lock | bench) install requirements.txt requirements-test.txt ;;
    *) install requirements.txt ;;
esac
env=$(readlink .venv)  # not by the link: a process goes on in its folder when the link is swapped
case $command in
    test)
        "$env/bin/ruff" check .
        "$env/bin/ruff" format --check .
        "$env/bin/mypy" .
        tier=''
        if [ "${1:-}" = --quick ]; then tier='not full'; shift; fi
        [ $# -gt 0 ] || set -- --numprocesses auto --maxprocesses 4 --dist loadfile  # else as PYTEST ARGS say
        [ -z "$tier" ] || set -- -m "$tier" "$@"
        exec "$env/bin/python" -m pytest "$@"
        ;;
    lock)
        for name in requirements requirements-test; do
            "$env/bin/uv" pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
                "$name.in" -o "$name.txt"
        done
        ;;
    bench)
        name=${1:?which one? $(ls bench/*.py | xargs -n1 basename | sed 's/\.py//' | tr '\n' ' ')}
        shift
        exec "$env/bin/python" "bench/$name.py" "$@"
        ;;
    *) exec "$env/bin/python" pipeline.py "$command" "$@" ;;
esac
