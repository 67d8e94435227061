# shellcheck shell=bash
# Makes this machine a logger; sourced by install_and_config.sh, whose words `fail`, `step` and `quietly` it uses.

readonly INSTALL_LOG=/var/log/phaselog-install.log
readonly OPT=/opt/phaselog
readonly INSTALLER="$OPT/installer"
readonly SITE_CONFIG=/etc/phaselog/phaselog.toml
readonly WITHOUT_OCR="$OPT/without-ocr" # remembers --without ocr for the next run
readonly FLAG=/run/phaselog-reboot-required
readonly BUNDLE="$HERE/bundle"
readonly NEEDED_MB=1500 NEEDED_MEMORY_MB=400
TOOLS=""   # the virtual environment that holds ansible
SCRATCH="" # folder of this run

install_appliance() {
    begin_log
    preflight
    SCRATCH="$(mktemp -d /tmp/phaselog-install.XXXXXX)"
    if [ -n "$CHECK" ]; then
        need_tools_for_check
    else
        use_bundle
        need_debian_packages python3 python3-apt python3-venv ca-certificates
        need_tools "$INSTALLER"
    fi
    need_configuration
    play
    if [ -n "$CHECK" ]; then return; fi
    remember_choices
    examine
    tell_where
}

begin_log() {
    if [ "$(id -u)" -ne 0 ]; then
        fail "setting up a logger needs root" "sudo ./install_and_config.sh; without root there is ./install_and_config.sh --try" 2
    fi
    exec 9>/run/lock/phaselog-install.lock
    flock --nonblock 9 || fail "another run of the installer is under way" "wait until it is done"
    LOG="$INSTALL_LOG"
    (umask 077 && touch "$LOG")
    printf '\n== %s: install_and_config.sh\n' "$(date --iso-8601=seconds)" >>"$LOG"
}

# Everything that would stop it later is told at once, before anything is changed.
preflight() {
    local problems=() debian="" architecture free memory
    architecture="$(dpkg --print-architecture 2>/dev/null || echo unknown)"
    if [ -r /etc/os-release ]; then
        # shellcheck source=/dev/null
        debian="$(. /etc/os-release && echo "${ID:-} ${ID_LIKE:-} ${VERSION_ID:-}")"
    fi
    case "$debian" in
        *debian*\ 12 | *debian*\ 13) ;;
        *) problems+=("this is not Debian or Raspberry Pi OS 12 or 13 (${debian:-unknown system})") ;;
    esac
    case "$architecture" in
        arm64 | amd64) ;;
        armhf) step "warning: 32 bit is not supported; Raspberry Pi OS comes in 64 bit, too" ;;
        *) problems+=("the architecture $architecture is not supported: arm64 or amd64") ;;
    esac
    free=$(($(stat --file-system --format '%a * %S / 1048576' /)))
    if [ ! -e "$OPT/current" ] && [ "$free" -lt "$NEEDED_MB" ]; then
        problems+=("only $free MB are free on /: $NEEDED_MB MB are needed")
    fi
    memory=$(awk '/^MemTotal/ {print int($2 / 1024)}' /proc/meminfo)
    if [ "$memory" -lt "$NEEDED_MEMORY_MB" ]; then problems+=("$memory MB of memory are too little: $NEEDED_MEMORY_MB MB"); fi
    if [ "$(date +%s)" -lt "$(release_date)" ]; then
        problems+=("the clock says $(date +%F), which is before this release: sudo date --set 'YYYY-MM-DD hh:mm'")
    fi
    if [ ! -d /run/systemd/system ]; then problems+=("systemd does not run here"); fi
    if grep -qE '(^| )(boot=overlay|overlayroot=)' /proc/cmdline; then
        problems+=("the root file system is an overlay, what is installed would be gone: raspi-config, Performance, Overlay")
    fi
    if [ -n "$CONFIG" ] && [ ! -r "$CONFIG" ]; then problems+=("--config $CONFIG: no such file"); fi
    if [ "${#problems[@]}" -gt 0 ]; then
        printf 'error: this machine cannot become a logger yet:\n' >&2
        printf '  - %s\n' "${problems[@]}" >&2
        exit 1
    fi
    warn_of_power
}

release_date() { # of this release, in seconds since 1970
    date --date "$(sed -n 's/^BUILD_DATE = "\(.*\)"/\1/p' "$HERE/collector/__init__.py")" +%s
}

warn_of_power() {
    local state
    if command -v vcgencmd >/dev/null && state="$(vcgencmd get_throttled 2>/dev/null)" && [ "$state" != "throttled=0x0" ]; then
        step "warning: the power supply is or was too weak ($state): use the official one, cards die of this"
    fi
}

# A bundle brings every package along: nothing is asked of a network that is not there.
use_bundle() {
    local made_for this
    if [ ! -d "$BUNDLE" ]; then return; fi
    made_for="$(cat "$BUNDLE/made-for" 2>/dev/null || echo "an unknown release")"
    # shellcheck source=/dev/null
    this="$(. /etc/os-release && echo "$VERSION_CODENAME") $(dpkg --print-architecture)"
    if [ "$made_for" != "$this" ]; then
        fail "the bundle was made for $made_for, this is $this" "provisioning/make-bundle makes one for this machine"
    fi
    step "using the bundle: no network is needed"
    quietly "checking the bundle" check_bundle
    mkdir -p "$SCRATCH/apt/lists/partial"
    echo "deb [trusted=yes lang=none] file:$BUNDLE/debs ./" >"$SCRATCH/apt/sources.list"
    # The user that apt otherwise becomes to fetch may not look into a folder of root's.
    printf 'Dir::Etc::SourceList "%s";\nDir::Etc::SourceParts "/dev/null";\nDir::State::Lists "%s";\nAPT::Sandbox::User "root";\n' \
        "$SCRATCH/apt/sources.list" "$SCRATCH/apt/lists" >"$SCRATCH/apt/apt.conf"
    # apt and pip, wherever they are called from now on, look into the bundle only.
    export APT_CONFIG="$SCRATCH/apt/apt.conf" PIP_NO_INDEX=1 PIP_FIND_LINKS="$BUNDLE/wheels"
}

check_bundle() { cd "$BUNDLE" && sha256sum --quiet --check SHA256SUMS; }

need_debian_packages() {
    local package missing=()
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    if [ "${#missing[@]}" -eq 0 ]; then return; fi
    quietly "apt-get update" apt-get -o DPkg::Lock::Timeout=600 update
    quietly "apt-get install ${missing[*]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=600 \
        install -y --no-install-recommends "${missing[@]}"
}

# ansible, and what reads a configuration, in an environment of their own: the program's releases stay small.
need_tools() { # FOLDER
    local wanted
    TOOLS="$1"
    wanted="$(version_of /usr/bin/python3) $(cksum <"$HERE/requirements.txt")"
    if [ "$(cat "$TOOLS/made-of" 2>/dev/null)" = "$wanted" ]; then return; fi
    mkdir -p "$(dirname "$TOOLS")"
    quietly "making the installer's environment" /usr/bin/python3 -m venv --clear "$TOOLS"
    # Without --no-compile it takes twice the room and four times as long on a card.
    quietly "installing Ansible" "$TOOLS/bin/python" -m pip install --disable-pip-version-check --no-cache-dir --no-compile \
        --constraint "$HERE/requirements.txt" ansible click hatchling pydantic pymodbus pyserial tzdata
    echo "$wanted" >"$TOOLS/made-of"
}

# Looking must not install anything: the tools are made in a folder that goes again.
need_tools_for_check() {
    if [ -x "$INSTALLER/bin/ansible-playbook" ]; then
        TOOLS="$INSTALLER"
        return
    fi
    if ! can_make_venvs /usr/bin/python3 || ! /usr/bin/python3 -c 'import apt' 2>/dev/null; then
        step "nothing of Phaselog is on this machine: everything would be installed (no change was made)"
        step "a list of every step needs the Debian packages python3-venv and python3-apt"
        exit 0
    fi
    need_tools "$SCRATCH/tools"
}

need_configuration() {
    local zone
    if [ -n "$CONFIG" ]; then
        CONFIG="$(realpath "$CONFIG")"
    elif [ -e "$SITE_CONFIG" ]; then
        CONFIG="$SITE_CONFIG"
    else
        CONFIG="$SCRATCH/phaselog.toml"
        zone="$(readlink --canonicalize /etc/localtime | sed -n 's|^/usr/share/zoneinfo/||p')"
        sed "s|^timezone = .*|timezone = \"$(known_zone "$zone")\"|" "$HERE/provisioning/phaselog.toml" >"$CONFIG"
        step "no configuration yet: one PAC3100, unit 126, 19200 8N2, on the only USB serial adapter"
    fi
    # The program says all mistakes at once; nothing of this machine has been changed for them.
    (cd "$HERE" && "$TOOLS/bin/python" -B -m collector check "$CONFIG" >>"$LOG") || exit 1
}

known_zone() { # NAME: the name if the program knows it, else UTC
    case "$1" in
        "" | Etc/* | posix/* | right/*) echo UTC ;;
        *) echo "$1" ;;
    esac
}

play() {
    local options=(--inventory "localhost," --connection local --extra-vars "$(choices)")
    if [ -n "$CHECK" ]; then options+=(--check); fi
    run_playbook "$TOOLS/bin/ansible-playbook" "${options[@]}" --diff "$HERE/provisioning/site.yml"
}

choices() { # what was chosen on the command line, for the playbook
    local ocr=true
    if [ "$OCR" = "no" ] || { [ -z "$OCR" ] && [ -e "$WITHOUT_OCR" ]; }; then ocr=false; fi
    printf '{"phaselog_config_file": "%s", "phaselog_person": "%s", "phaselog_ocr": %s}' "$CONFIG" "${SUDO_USER:-}" "$ocr"
}

# Runs the playbook with its output in the log; a line for each role and what changed, and the reason if it fails.
run_playbook() {
    local role="" now from began="$SECONDS" code=0
    from=$(($(wc -l <"$LOG") + 1))
    ANSIBLE_CONFIG="$HERE/provisioning/ansible.cfg" ANSIBLE_FORCE_COLOR=0 PYTHONDONTWRITEBYTECODE=1 LC_ALL=C.UTF-8 \
        "$@" >>"$LOG" 2>&1 </dev/null 9>&- &
    CHILD=$!
    while true; do
        now="$(tail -n "+$from" "$LOG" | sed -nE 's/^TASK \[([a-z_]+) : .*/\1/p' | tail -n 1)"
        if [ "$now" != "$role" ]; then
            tell_role "$role" "$began"
            role="$now" began="$SECONDS"
        fi
        if ! kill -0 "$CHILD" 2>/dev/null; then break; fi
        if [ -t 1 ]; then printf '\r\033[K[%3ds] %s' "$SECONDS" "$(current_task "$from")"; fi
        sleep 0.5
    done
    wait "$CHILD" || code=$?
    CHILD=""
    tell_role "$role" "$began"
    if [ "$code" -ne 0 ]; then tell_failure "$from"; fi
    step "$(tail -n "+$from" "$LOG" | sed -nE 's/^localhost +: (ok=.*)/\1/p' | tr -s ' ')"
    if [ -n "$CHECK" ]; then tail -n "+$from" "$LOG" | tell_changes; fi
}

tell_role() { # ROLE SECONDS AT ITS BEGINNING
    if [ -t 1 ]; then printf '\r\033[K'; fi
    if [ -n "$1" ]; then step "$1: $((SECONDS - $2)) s"; fi
}

current_task() { tail -n "+$1" "$LOG" | sed -nE 's/^TASK \[(.*)\] \*+$/\1/p' | tail -n 1 | cut -c 1-70; }

tell_changes() { # what --check found, from the playbook's output
    awk '/^TASK \[/ {task = $0; sub(/^TASK \[/, "", task); sub(/\] \**$/, "", task)}
         /^changed: / && task != "" {print "  would change: " task; task = ""}'
}

tell_failure() { # FIRST LINE: the last complaint of the playbook, without its decoration
    tail -n "+$1" "$LOG" | awk '
        /^(fatal|failed): |^ERROR/ {text = ""; inside = 1}
        inside && /^$/ {inside = 0}
        inside {text = text $0 "\n"}
        END {printf "%s", text}' | cut -c 1-2000 | tail -n 30 >&2
    fail "setting up stopped; what ran before runs on" "the whole log is $LOG; run it again when the cause is gone"
}

remember_choices() {
    case "$OCR" in
        no) touch "$WITHOUT_OCR" ;;
        yes) rm -f "$WITHOUT_OCR" ;;
    esac
}

examine() {
    step "phaselog doctor:"
    /usr/local/bin/phaselog doctor || true
}

tell_where() {
    local code
    step "done"
    printf '\n  page           http://%s.local\n  configuration  %s, then: sudo ./install_and_config.sh\n  database       mysql phaselog\n' \
        "$(hostname)" "$SITE_CONFIG"
    # To a terminal only: what a log holds (cloud-init's, too) may be read later. Where there is an admin already nothing is told.
    if [ -t 1 ]; then
        code="$(runuser -u phaselog-maintain -- /usr/local/bin/phaselog user code --if-needed 2>>"$LOG" || true)"
        if [ -n "$code" ]; then printf '  login          one-time code %s (later: sudo phaselog user code)\n' "$code"; fi
    else
        printf '  login          sudo phaselog user code prints a one-time code\n'
    fi
    if [ -e "$FLAG" ] || [ -e /run/reboot-required ]; then printf '  restart        needed for some changes: sudo reboot\n'; fi
}

end_scratch() { if [ -n "$SCRATCH" ]; then rm -rf "$SCRATCH"; fi; }
