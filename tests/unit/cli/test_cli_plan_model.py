"""`plan --model` shows how a model would be read, without a configuration."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from collector.cli.frame import phaselog
from collector.devices import catalogue
from collector.errors import UsageError


@pytest.mark.parametrize("name", catalogue.names())
def test_every_model_has_a_plan_or_says_why_not(name: str) -> None:
    done = CliRunner().invoke(phaselog, ["plan", "--model", name], catch_exceptions=False)
    assert done.exit_code == 0
    model = catalogue.load(name)
    wanted = model.quantities()[0] if model.protocol == "modbus" else "its meters"
    assert wanted in done.output or "..." in done.output


def test_the_requests_are_those_of_the_table() -> None:
    done = CliRunner().invoke(phaselog, ["plan", "--model", "siemens-pac3200", "--json"], catch_exceptions=False)
    (line,) = json.loads(done.output)["lines"]
    assert len(line["meters"][0]["requests"]) == 3


def test_an_unknown_model_is_told() -> None:
    with pytest.raises(UsageError, match="nothing-such"):
        CliRunner().invoke(phaselog, ["plan", "--model", "nothing-such"], catch_exceptions=False)
