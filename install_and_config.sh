#!/usr/bin/env bash
# The one command: --try runs Phaselog here and now, without a meter, a database server or a Raspberry Pi.
if [ -z "${BASH_VERSION:-}" ]; then
    echo "error: run this with bash" >&2
    exit 1
fi
set -Eeuo pipefail

readonly NOT_YET=3 # exit code: this release cannot do that
HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly HERE
readonly VENV="$HERE/.venv"
readonly LOG="$HERE/.try/install.log"
readonly STAMP="$VENV/installed-for"
PYTHON="" # what find_python found
CHILD=""  # process id of what runs quietly now

usage() {
    cat <<'TEXT'
Usage: ./install_and_config.sh --try [--port N] [--for 30s]

  --try       simulated PAC3100, collector, SQLite store and status page, here and now
  --port N    port of the page (default 8080)
  --for TIME  end by itself after this time, for example 30s
  --help      this text

--try needs no meter, no MariaDB, no compiler and no systemd. It leaves .venv with the command `phaselog`.
It asks for root only if Debian's python3 or python3-venv is missing.
TEXT
}

fail() { # MESSAGE HINT [EXIT CODE]
    printf 'error: %s\nhint: %s\n' "$1" "$2" >&2
    exit "${3:-1}"
}

step() { printf '[%3ds] %s\n' "$SECONDS" "$1"; }

# Runs a command with its output in the log; a line with the elapsed time shows that it goes on.
quietly() { # WHAT COMMAND...
    local what="$1" code=0
    shift
    "$@" >>"$LOG" 2>&1 </dev/null &
    CHILD=$!
    while kill -0 "$CHILD" 2>/dev/null; do
        if [ -t 1 ]; then printf '\r[%3ds] %s ... %s' "$SECONDS" "$what" "$(last_word)"; fi
        sleep 0.5
    done
    wait "$CHILD" || code=$?
    CHILD=""
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ "$code" -ne 0 ]; then
        tail -n 25 "$LOG" >&2
        fail "$what failed (code $code)" "the whole log is $LOG"
    fi
    step "$what: done"
}

last_word() { # what pip does now, cut to a line
    { grep -E '^(Collecting|Downloading|Installing|Building)' "$LOG" 2>/dev/null || true; } | tail -n 1 | cut -c 1-60
}

find_python() {
    local name
    for name in python3 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null && supported "$name"; then
            PYTHON="$(command -v "$name")"
            return
        fi
    done
}

need_python() {
    find_python
    if [ -n "$PYTHON" ]; then return; fi
    if ! command -v apt-get >/dev/null || command -v python3 >/dev/null; then
        fail "no Python from 3.11 to 3.13 was found" "Debian 12 and 13 have it: apt-get install python3 python3-venv"
    fi
    step "Python is missing on this machine"
    as_root "apt-get install -y python3 python3-venv"
    find_python
    [ -n "$PYTHON" ] || fail "this system's Python is older than 3.11" "use Debian 12 or 13"
}

supported() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; }

version_of() { "$1" -c 'import platform; print(platform.python_version())' 2>/dev/null || echo none; }

can_make_venvs() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }

need_venv_module() { # PYTHON
    local get="apt-get install -y python3-venv"
    if can_make_venvs "$1"; then return; fi
    step "python3-venv is missing: $1 cannot make a virtual environment without it"
    if ! command -v apt-get >/dev/null; then
        fail "python3-venv is missing" "install the package that gives $1 the module ensurepip, then run this again"
    fi
    as_root "$get"
    can_make_venvs "$1" || fail "python3-venv is installed, but $1 still cannot make environments" "see $LOG"
}

as_root() { # COMMAND in one string, as a person would type it
    local words
    read -ra words <<<"$1"
    if [ "$(id -u)" -eq 0 ]; then
        quietly "apt-get update" apt-get update
        quietly "$1" env DEBIAN_FRONTEND=noninteractive "${words[@]}"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        quietly "sudo apt-get update" sudo -n apt-get update
        quietly "sudo $1" sudo -n env DEBIAN_FRONTEND=noninteractive "${words[@]}"
    else
        fail "this user may not install packages without a password" "run: sudo $1"
    fi
}

# What the environment was made of: the same again means there is nothing to do.
ingredients() { # PYTHON
    echo "$(version_of "$1") $HERE $(cat "$HERE/requirements.txt" "$HERE/pyproject.toml" | cksum)"
}

need_environment() { # PYTHON
    local wanted
    wanted="$(ingredients "$1")"
    if [ -x "$VENV/bin/phaselog" ] && [ "$(cat "$STAMP" 2>/dev/null)" = "$wanted" ]; then return; fi
    : >"$LOG"
    if [ "$(version_of "$VENV/bin/python")" != "$(version_of "$1")" ]; then
        quietly "making the virtual environment $VENV" "$1" -m venv --clear "$VENV"
    fi
    quietly "installing the Python packages" "$VENV/bin/python" -m pip install --disable-pip-version-check \
        --only-binary :all: --constraint "$HERE/requirements.txt" --editable "$HERE"
    echo "$wanted" >"$STAMP"
}

try_it() {
    mkdir -p "$(dirname "$LOG")"
    need_python
    need_venv_module "$PYTHON"
    need_environment "$PYTHON"
    step "starting"
    exec "$VENV/bin/phaselog" try --folder "$HERE/.try" "$@"
}

main() {
    local mode="" options=()
    while [ $# -gt 0 ]; do
        case "$1" in
            --try) mode="try" ;;
            --port | --for)
                [ $# -ge 2 ] || fail "$1 needs a value" "./install_and_config.sh --help" 2
                options+=("$1" "$2")
                shift
                ;;
            -h | --help)
                usage
                exit 0
                ;;
            *) fail "unknown option $1" "./install_and_config.sh --help" 2 ;;
        esac
        shift
    done
    if [ "$mode" != "try" ]; then
        fail "this release does not set up an appliance yet" "try it here with: ./install_and_config.sh --try" "$NOT_YET"
    fi
    try_it ${options[@]+"${options[@]}"}
}

end_child() { if [ -n "$CHILD" ]; then kill "$CHILD" 2>/dev/null || true; fi; }

trap end_child EXIT
trap 'exit 130' INT TERM
trap 'echo "error: line $LINENO failed: $BASH_COMMAND" >&2' ERR
main "$@"
