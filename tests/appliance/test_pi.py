"""A Raspberry Pi: its boot partition is changed once, its clock chip and the UART on its pins are used."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.appliance.logger import Logger

CONFIG, BOOT = "/etc/phaselog/phaselog.toml", "/boot/firmware"
CARD = "dtparam=audio=on\n[cm4]\notg_mode=1\n"
COMMAND_LINE = "console=serial0,115200 console=tty1 root=PARTUUID=1234-02 rootfstype=ext4 rootwait\n"
SITE = """
[appliance]
internet = false
time_servers = ['192.168.1.1']
clock_chip = 'ds3231'
header_uart = true
"""
GETTY = "serial-getty@ttyAMA0.service"


@pytest.fixture(scope="module")
def pi(logger: Logger) -> Iterator[Logger]:
    """The logger has a Pi's boot partition and stands at a site without internet."""
    logger.machine.write(f"{BOOT}/config.txt", CARD)
    logger.machine.write(f"{BOOT}/cmdline.txt", COMMAND_LINE)
    logger.machine.run(f"cp {CONFIG} /root/no-pi.toml")
    logger.machine.write("/root/pi.toml", (logger.machine.root / CONFIG.lstrip("/")).read_text() + SITE)
    logger.install("--config /root/pi.toml")
    yield logger
    logger.machine.run(f"rm -r {BOOT} /etc/udev/rules.d/66-phaselog-header.rules; systemctl unmask {GETTY}")
    logger.install("--config /root/no-pi.toml")
    logger.wait_until_well(60)


def test_the_boot_partition_says_what_the_site_needs_and_keeps_what_it_said(pi: Logger) -> None:
    boot = pi.machine.root / BOOT.lstrip("/")
    config, line = (boot / "config.txt").read_text(), (boot / "cmdline.txt").read_text()
    assert config.startswith(CARD)
    # The last word on a section is "all": what somebody writes below is meant for every Pi.
    assert config.splitlines().index("[all]") < config.splitlines().index("dtoverlay=i2c-rtc,ds3231")
    assert "enable_uart=1" in config
    assert "dtoverlay=disable-bt" in config
    assert line == COMMAND_LINE.replace("console=serial0,115200 ", "")
    assert (boot / "config.txt.orig").read_text() == CARD
    assert (boot / "cmdline.txt.orig").read_text() == COMMAND_LINE
    # FAT knows no colon: `backup: true` would fail on a real card.
    assert not [each.name for each in boot.iterdir() if ":" in each.name]


def test_nothing_else_sits_on_the_pins(pi: Logger) -> None:
    assert pi.machine.run(f"systemctl is-enabled {GETTY}", check=False).stdout.strip() == "masked"
    assert "serial" in pi.machine.run("cat /run/phaselog-reboot-required").stdout


def test_chrony_asks_the_sites_own_server_and_keeps_the_chip_right(pi: Logger) -> None:
    said = pi.machine.run("chronyd -p").stdout
    for words in ("server 192.168.1.1 iburst", "rtcsync", "makestep 1 3", "driftfile"):
        assert words in said
    assert pi.machine.run("systemctl is-enabled chrony").stdout.strip() == "enabled"
    assert pi.machine.run("dpkg -s systemd-timesyncd", check=False).stdout.count("install ok installed") == 0


def test_another_run_on_the_pi_changes_nothing(pi: Logger) -> None:
    assert pi.changed() == 0


def test_a_command_line_that_would_not_start_the_pi_is_refused(pi: Logger) -> None:
    pi.machine.write(f"{BOOT}/cmdline.txt", "console=serial0,115200 console=tty1\n")
    try:
        done = pi.install(check=False)
    finally:
        pi.machine.write(f"{BOOT}/cmdline.txt", COMMAND_LINE)
    assert done.returncode != 0
    assert "root=" in done.stdout + done.stderr
