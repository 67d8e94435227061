"""The accounts of the database have the rights that the code asks for: no table of results is forgotten."""

from __future__ import annotations

import re
from pathlib import Path

from collector.store.result_tables import RESULT_TABLES

DEFAULTS = Path(__file__).parents[3] / "provisioning" / "roles" / "application" / "defaults" / "main.yml"


def rights(name: str) -> dict[str, set[str]]:
    block = re.search(rf"^{name}:\n((?:  .*\n)+)", DEFAULTS.read_text(encoding="utf-8") + "\n", re.MULTILINE)
    assert block
    pairs = (line.split(":") for line in block[1].splitlines())
    return {table.strip(): {right.strip() for right in given.split(",")} for table, given in pairs}


def test_the_calculations_may_write_every_table_of_results() -> None:
    given = rights("application_insight_rights")
    assert {table for table in RESULT_TABLES if given.get(table) != {"INSERT", "UPDATE", "DELETE"}} == set()
    assert given["insight_due"] == {"INSERT", "UPDATE", "DELETE"}
    assert not [table for table in given if table.startswith(("reading", "meter"))]
    # That prices cannot be had is an event; it may be added, and none may be changed.
    assert given["event"] == {"INSERT"}


def test_the_collector_may_say_what_is_due() -> None:
    assert rights("application_collector_rights")["insight_due"] == {"INSERT", "UPDATE"}
