#!/bin/sh
# The commands of this house, as one would type them. Needs python3 (3.11 or newer, with venv) and nothing else:
# the first call makes .venv and installs what requirements.txt locks, by hash.
#
#   ./run.sh demo [--port N] [--once]   a whole night against the bundled newsroom, then the site
#   ./run.sh test [PYTEST ARGS]         lint, types, tests
#   ./run.sh lock                       requirements.in -> requirements.txt
#   ./run.sh bench NAME [ARGS]          a measurement: extract feeds apis entities linking news links labels …
#   ./run.sh COMMAND [ARGS]             any command of pipeline.py: nightly, serve, status, subscribe …
set -eu
cd "$(dirname "$0")"

fail() { echo "run.sh: $*" >&2; exit 2; }

install() {
    command -v python3 >/dev/null 2>&1 || fail "python3 is not installed (3.11 or newer is needed)"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fail "python3 is $(python3 -V 2>&1 | cut -d' ' -f2); 3.11 or newer is needed"
    want=$(cksum <requirements.txt)
    if [ "$(cat .venv/locked 2>/dev/null || true)" = "$want" ] && .venv/bin/python -c '' 2>/dev/null; then return; fi
    echo "run.sh: installing into .venv (once; a few minutes)" >&2
    python3 -m venv --clear .venv || fail "python3 -m venv failed (on Debian: apt install python3-venv)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes --only-binary :all: -r requirements.txt ||
        fail "the packages could not be installed; the lines above say why"
    echo "$want" >.venv/locked
}

[ $# -gt 0 ] || { sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 2; }
command=$1
shift
case $command in
    -h | --help | help) sed -n '2,10s/^# \{0,1\}//p' "$0"; exit 0 ;;
esac
install
case $command in
    test)
        .venv/bin/ruff check .
        .venv/bin/ruff format --check .
        .venv/bin/mypy .
        exec .venv/bin/python -m pytest "$@"
        ;;
    lock)
        .venv/bin/python -m pip install --quiet uv
        exec .venv/bin/uv pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
            requirements.in -o requirements.txt
        ;;
    bench)
        name=${1:?which one? $(ls bench/*.py | xargs -n1 basename | sed 's/\.py//' | tr '\n' ' ')}
        shift
        exec .venv/bin/python "bench/$name.py" "$@"
        ;;
    *) exec .venv/bin/python pipeline.py "$command" "$@" ;;
esac
