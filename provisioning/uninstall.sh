# shellcheck shell=bash
# Takes the program off this machine; sourced by install_and_config.sh. Readings stay unless --purge is given.

# What the roles put on a machine, beside packages: a test compares this list with a machine that was set up.
readonly OUR_FILES=(
    /etc/apt/apt.conf.d/52phaselog-updates
    /etc/chrony/conf.d/phaselog.conf
    /etc/chrony/sources.d/phaselog.sources
    /etc/mysql/mariadb.conf.d/60-phaselog.cnf
    /etc/mysql/mariadb.conf.d/70-phaselog-remote.cnf
    /etc/mysql/phaselog
    /etc/nginx/conf.d/phaselog.conf
    /etc/sysctl.d/60-phaselog.conf
    /etc/systemd/journald.conf.d/phaselog.conf
    /etc/systemd/system/mariadb.service.d/phaselog.conf
    /etc/systemd/system.conf.d/phaselog.conf
    /etc/systemd/timesyncd.conf.d/phaselog.conf
    /etc/udev/rules.d/65-phaselog.rules
    /etc/udev/rules.d/66-phaselog-header.rules
    /etc/udev/rules.d/67-phaselog-pins.rules
    /etc/issue.d/phaselog.issue
    /etc/motd.d/phaselog
    /usr/local/bin/phaselog
    /usr/local/lib/phaselog
    /opt/phaselog
    /usr/local/sbin/phaselog-setup
    /usr/sbin/mount.phaselog
    /run/phaselog
    /run/phaselog-ocr
)
readonly OUR_USERS=(phaselog-collector phaselog-status phaselog-insight phaselog-alerts phaselog-maintain phaselog-backup phaselog-ocr)

uninstall() { # PURGE
    begin_log
    stop_units
    remove_files
    quietly "telling systemd" systemctl daemon-reload
    if systemctl is-active --quiet mariadb; then
        remove_accounts
        if [ -n "$1" ]; then purge_database; fi
        quietly "restarting MariaDB without our settings" systemctl restart mariadb
    fi
    remove_users
    if [ -n "$1" ]; then purge_folders; fi
    tell_what_stays "$1"
}

stop_units() {
    local unit
    # The collector stores what it holds before it ends.
    for unit in /etc/systemd/system/phaselog-*; do
        [ -f "$unit" ] || continue
        unit="$(basename "$unit")"
        quietly "stopping $unit" systemctl disable --now "$unit"
        rm -f "/etc/systemd/system/$unit"
        rm -rf "/etc/systemd/system/$unit.d"
    done
}

remove_files() {
    if [ -e /etc/nginx/conf.d/phaselog.conf ]; then quietly "stopping nginx" systemctl disable --now nginx; fi
    if [ -e /etc/udev/rules.d/66-phaselog-header.rules ]; then give_port_back; fi
    rm -rf "${OUR_FILES[@]}"
    # Without the page nothing needs its exceptions, and an owner has his own wishes.
    if grep -qs 'Phaselog' /etc/nftables.conf; then
        quietly "opening the firewall" systemctl disable --now nftables
        rm -f /etc/nftables.conf
    fi
    sed -i '/^LABEL=[^ ]* [^ ]* phaselog /d' /etc/fstab
    rmdir --ignore-fail-on-non-empty /etc/systemd/system/mariadb.service.d 2>/dev/null || true
    step "removed the program and its settings"
}

give_port_back() { # the UART on the Pi's pins: what the role serial_ports has put aside for it
    quietly "giving the port on the pins back" systemctl unmask serial-getty@ttyAMA0.service serial-getty@ttyS0.service \
        serial-getty@serial0.service hciuart.service
}

remove_accounts() {
    local user
    for user in "${OUR_USERS[@]}"; do echo "DROP USER IF EXISTS '$user'@'localhost';"; done | mariadb >>"$LOG" 2>&1
    step "removed the database accounts of the services"
}

purge_database() {
    mariadb --execute 'DROP DATABASE IF EXISTS phaselog; DROP DATABASE IF EXISTS chapada_imperial' >>"$LOG" 2>&1
    step "removed the readings"
}

remove_users() {
    local user
    for user in "${OUR_USERS[@]}"; do
        if id "$user" >/dev/null 2>&1; then quietly "removing the user $user" userdel "$user"; fi
    done
}

purge_folders() {
    rm -rf /etc/phaselog /var/lib/phaselog /var/lib/phaselog-alerts /var/lib/phaselog-backup /var/lib/phaselog-ocr
    if getent group phaselog >/dev/null; then groupdel phaselog >>"$LOG" 2>&1 || true; fi
    step "removed the configuration and what the services kept"
}

tell_what_stays() { # PURGE
    step "done"
    if [ -z "$1" ]; then
        printf '\n  kept: the database phaselog, /etc/phaselog and /var/lib/phaselog; install again to go on with them\n'
    fi
    printf '  kept: backups, and Debian packages (mariadb-server and others) that another program may use\n'
}
