"""A bundle makes a logger of a minimal system that has no network at all."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.appliance.bundles import RELEASES, bundle_for
from tests.appliance.card import a_card, see_a_logger, wait_for
from tests.appliance.machine import Machine

pytestmark = [pytest.mark.appliance, pytest.mark.timeout(1800)]
SOURCES = "cat /etc/apt/sources.list; ls /etc/apt/sources.list.d"


@pytest.fixture(scope="module", params=RELEASES)
def island(request: pytest.FixtureRequest) -> Iterator[Machine]:
    """A card with the bundle on its boot partition, set up at its first start; it never had a way out."""
    with a_card(request.param) as card:
        boot = card.root / "boot/firmware"
        boot.mkdir(parents=True)
        bundle_for(request.param, boot)
        card.start()
        wait_for(card, "set up on", 900)
        yield card


def test_the_first_start_makes_a_logger_without_network(island: Machine) -> None:
    assert island.run("grep -c 00000000 /proc/net/route", check=False).stdout.strip() == "1", "no way out"
    see_a_logger(island)
    version = "/opt/phaselog/current/bin/python -c 'import cv2, imutils, mariadb; print(mariadb.__version__)'"
    assert island.run(version).stdout.strip() == "1.1.14"
    assert "bundle/debs" not in island.run(SOURCES, check=False).stdout, "the system's own sources are left alone"


def test_a_second_run_without_network_changes_nothing(island: Machine) -> None:
    again = island.run("cd /opt/phaselog/source && ./install_and_config.sh", timeout=1200).stdout
    assert "changed=0" in again, again


def test_everything_of_the_list_can_be_installed_from_the_bundle(island: Machine) -> None:
    island.run(
        r"""
        set -e; cd /opt/phaselog/source/bundle; . /etc/os-release; mkdir -p /run/try/lists/partial
        echo "deb [trusted=yes] file:$PWD/debs ./" >/run/try/sources.list
        printf 'Dir::Etc::SourceList "/run/try/sources.list";\nDir::Etc::SourceParts "/dev/null";\n' >/run/try/apt.conf
        printf 'Dir::State::Lists "/run/try/lists";\nAPT::Sandbox::User "root";\n' >>/run/try/apt.conf
        export APT_CONFIG=/run/try/apt.conf
        apt-get update -qq
        names=$(sed -nE "s/^([a-z][^ ]*)( \[$VERSION_CODENAME\])?$/\1/p" ../provisioning/packages.txt)
        # One by one: chrony and systemd-timesyncd exclude each other.
        for name in $names; do apt-get install --simulate -q --no-install-recommends "$name" >/dev/null; done
        """
    )


def test_a_damaged_bundle_is_refused_before_anything_is_installed(island: Machine) -> None:
    victim = "$(ls /opt/phaselog/source/bundle/debs/*.deb | head -n 1)"
    damaged = island.run(f"printf x >> {victim}; cd /opt/phaselog/source && ./install_and_config.sh", check=False)
    assert damaged.returncode != 0
    assert "bundle" in damaged.stdout + damaged.stderr
