# shellcheck shell=bash
# Takes the program off this machine; sourced by install_and_config.sh. Readings stay unless --purge is given.

uninstall() { # PURGE
    begin_log
    :
}
