"""Plays a freshly flashed card: a machine with cloud-init and the user-data file that people copy to it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.appliance.machine import ROOT, Machine
from tests.appliance.shell import call, missing_tools
from tests.appliance.slot import a_slot
from tests.appliance.wire import Wire

USER_DATA = ROOT / "provisioning/cloud-init/user-data"


@contextmanager
def a_card(release: str) -> Iterator[Machine]:
    """A machine with cloud-init and our user-data in its NoCloud seed, without a way out, not started yet."""
    if reason := missing_tools():
        pytest.skip(reason)
    with a_slot() as (number, folder):
        machine = Machine(release, folder, Wire(number))
        try:
            machine.create(online=False, disk_mb=None)
            get = "apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -yq --no-install-recommends"
            call("chroot", machine.root, "sh", "-c", f"{get} cloud-init iproute2 openssh-client")
            shutil.rmtree(machine.root / "var/lib/apt/lists")
            machine.write("/var/lib/cloud/seed/nocloud/meta-data", "instance-id: first-start\n")
            machine.write("/var/lib/cloud/seed/nocloud/user-data", USER_DATA.read_text())
            yield machine
        finally:
            machine.kill()


def wait_for(card: Machine, what: str, seconds: float) -> None:
    """Until the console's line says so, which is what a person sees."""
    line = "cat /etc/issue.d/phaselog.issue"
    try:
        card.wait_until(lambda: what in card.run(line, check=False).stdout, seconds, what)
    except AssertionError:
        logs = "/var/log/phaselog-setup.log /var/log/phaselog-install.log"
        print(card.run(f"{line}; tail -n 40 {logs}", check=False).stdout)
        raise


def see_a_logger(card: Machine) -> None:
    assert card.run("systemctl is-active phaselog-collector mariadb").stdout.split() == ["active", "active"]
    assert card.run("systemctl is-enabled phaselog-setup", check=False).stdout.strip() == "disabled", "it is done"
    assert "set up on" in card.run("cat /etc/motd.d/phaselog").stdout
    assert int(card.sql("SELECT COUNT(*) FROM phaselog.quantity")) > 0
