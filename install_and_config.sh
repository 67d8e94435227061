#!/usr/bin/env bash
# The one command: makes this machine a logger; --try runs Phaselog here and now, without a meter, a server or a Pi.
if [ -z "${BASH_VERSION:-}" ]; then
    echo "error: run this with bash" >&2
    exit 1
fi
set -Eeuo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
readonly HERE
readonly VENV="$HERE/.venv"
LOG="$HERE/.try/install.log"
readonly STAMP="$VENV/installed-for"
PYTHON="" # what find_python found
CHILD=""  # process id of what runs quietly now
CONFIG="" # --config
CHECK=""  # --check
OCR=""    # --without ocr: no; --with ocr: yes; else what it was

# shellcheck source=provisioning/install.sh
source "$HERE/provisioning/install.sh"
# shellcheck source=provisioning/uninstall.sh
source "$HERE/provisioning/uninstall.sh"

usage() {
    cat <<'TEXT'
Usage: sudo ./install_and_config.sh [--config FILE] [--check] [--without ocr]
       sudo ./install_and_config.sh --uninstall [--purge]
       ./install_and_config.sh --try [--port N] [--for 30s]

Makes this Raspberry Pi, or this Debian 12 or 13 machine, a logger. Asks nothing. Run it again after a change of the
configuration, after an update of this folder, or when something is broken: it changes only what must be changed.

  --config FILE  use this configuration (default: /etc/phaselog/phaselog.toml; on a fresh machine one PAC3100,
                 unit 126, 19200 8N2, on the only USB serial adapter)
  --check        change nothing; say what would be changed
  --without ocr  leave out what reads a meter by camera; --with ocr brings it back
  --uninstall    remove the program and its settings; readings, configuration and backups stay
  --purge        with --uninstall: remove the readings and the configuration, too (backups stay)

  --try          simulated PAC3100, collector, SQLite store and page, here and now, without root
  --port N       with --try: port of the page (default 8080)
  --for TIME     with --try: end by itself after this time, for example 30s
  --help         this text

Without internet: unpack a bundle made by provisioning/make-bundle and run the same command in it.
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

need_value() { # OPTION NUMBER OF WORDS
    [ "$2" -ge 2 ] || fail "$1 needs a value" "./install_and_config.sh --help" 2
}

main() {
    local mode="install" trial=() purge="" given=()
    while [ $# -gt 0 ]; do
        case "$1" in
            --try) mode="try" ;;
            --uninstall) mode="uninstall" ;;
            --purge) purge="yes" ;;
            --check) CHECK="yes" && given+=("$1") ;;
            --config | --without | --with)
                need_value "$1" $#
                given+=("$1")
                choose "$1" "$2"
                shift
                ;;
            --port | --for)
                need_value "$1" $#
                trial+=("$1" "$2")
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
    fit_together "$mode" "$purge" "${#trial[@]}" "${#given[@]}"
    case "$mode" in
        try) try_it ${trial[@]+"${trial[@]}"} ;;
        uninstall) uninstall "$purge" ;;
        install) install_appliance ;;
    esac
}

choose() { # OPTION VALUE
    case "$1 $2" in
        --config\ *) CONFIG="$2" ;;
        "--without ocr") OCR="no" ;;
        "--with ocr") OCR="yes" ;;
        *) fail "$1 $2: there is no such part" "the part that can be left out is: ocr" 2 ;;
    esac
}

fit_together() { # MODE PURGE NUMBER OF --try OPTIONS, NUMBER OF INSTALLING OPTIONS
    if [ "$1" != "try" ] && [ "$3" -gt 0 ]; then fail "--port and --for belong to --try" "add --try, or leave them out" 2; fi
    if [ "$1" != "install" ] && [ "$4" -gt 0 ]; then fail "--$1 stands alone" "./install_and_config.sh --help" 2; fi
    if [ "$1" != "uninstall" ] && [ -n "$2" ]; then fail "--purge belongs to --uninstall" "add --uninstall" 2; fi
}

end_child() { if [ -n "$CHILD" ]; then kill "$CHILD" 2>/dev/null || true; fi; }

trap "end_child; end_scratch" EXIT
trap 'exit 130' INT TERM
trap 'echo "error: line $LINENO failed: $BASH_COMMAND" >&2' ERR
main "$@"
