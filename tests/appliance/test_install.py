"""One command makes a minimal Debian a logger; a second run changes nothing, and looking changes nothing either."""

from __future__ import annotations

import json
import re

from tests.appliance.logger import Logger, changes
from tests.appliance.shell import call


def test_one_command_and_within_a_minute_readings_are_stored_and_shown(logger: Logger) -> None:
    assert logger.installed.returncode == 0
    assert changes(logger.installed.stdout) > 0
    print(f"{logger.machine.release}: {logger.seconds:.0f} s to install, {logger.waited:.0f} s to the first reading")
    assert logger.waited < 60


def test_the_page_shows_the_power_to_everybody_in_the_house(logger: Logger) -> None:
    page = call("curl", "--silent", "--fail", f"http://{logger.machine.address}/")
    assert "Chapada" in page
    assert re.search(r"\d\s*(</?[a-z]+[^>]*>\s*)*k?W", page)


def test_every_part_prints_its_time(logger: Logger) -> None:
    for role in ("base", "database", "application", "status_page"):
        assert re.search(rf"\] {role}: \d+ s$", logger.installed.stdout, re.MULTILINE), role


def test_a_second_run_changes_nothing(logger: Logger) -> None:
    assert logger.changed() == 0


def test_looking_finds_nothing_to_change(logger: Logger) -> None:
    assert logger.changed("--check") == 0


def test_looking_tells_what_an_edited_configuration_would_change_and_leaves_it(logger: Logger) -> None:
    fingerprint = "find /etc /opt/phaselog /usr/local -xdev -type f -newer /root/before; systemctl show -p MainPID \
        phaselog-collector phaselog-status mariadb"
    before = logger.machine.run(f"touch /root/before; {fingerprint}").stdout
    logger.machine.run("sed 's/Chapada/Chapada Imperial/' /etc/phaselog/phaselog.toml > /root/edited.toml")
    looked = logger.install("--check --config /root/edited.toml").stdout
    assert re.search(r"would change: application : .* configuration", looked)
    assert changes(looked) >= 1
    assert logger.machine.run(fingerprint).stdout == before


def test_an_edited_configuration_is_used_and_only_that_is_changed(logger: Logger) -> None:
    logger.machine.run('sed -i \'s/"Chapada"/"Chapada Imperial"/\' /etc/phaselog/phaselog.toml')
    assert logger.changed() <= 3  # the collector and the page restart
    assert "Chapada Imperial" in call("curl", "--silent", f"http://{logger.machine.address}/")
    logger.wait_until_well(60)


def test_a_wrong_configuration_stops_it_before_anything_is_touched(logger: Logger) -> None:
    logger.machine.run(
        "sed 's/siemens-pac3100/siemens-pac9999/; s/126/999/' /etc/phaselog/phaselog.toml > /root/bad.toml"
    )
    refused = logger.install("--config /root/bad.toml", check=False)
    assert refused.returncode == 1
    assert "2 mistakes" in refused.stderr
    assert "Traceback" not in refused.stderr
    assert logger.well()


def test_the_person_who_installed_reads_the_data_and_cannot_change_it(logger: Logger) -> None:
    logger.machine.run("id maria >/dev/null 2>&1 || useradd --create-home maria")
    asked = logger.machine.run("mysql phaselog -N -e 'SELECT COUNT(*) FROM reading'", user="maria")
    assert int(asked.stdout) > 0
    refused = logger.machine.run("mysql phaselog -e 'DELETE FROM reading'", user="maria", check=False)
    assert "denied" in refused.stderr


def test_queries_of_the_ancestor_work(logger: Logger) -> None:
    found = logger.machine.sql("SELECT COUNT(tensao_L1_N), COUNT(datahora) FROM chapada_imperial.multimedidor")
    assert all(int(count) > 0 for count in found.split())


def test_the_doctor_finds_nothing_wrong(logger: Logger) -> None:
    done = logger.machine.run("phaselog doctor --json", check=False)
    wrong = [finding for finding in json.loads(done.stdout) if finding["state"] == "wrong"]
    # There is no stick to back up to in this machine, and the doctor must say so; nothing else is wrong.
    assert [finding for finding in wrong if "backup" not in json.dumps(finding)] == []
    assert done.returncode == (1 if wrong else 0)
