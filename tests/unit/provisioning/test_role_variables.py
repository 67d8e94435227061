"""What a role takes by its specification, its defaults give: a forgotten one is found before a Pi finds it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROLES = Path(__file__).parents[3] / "provisioning" / "roles"


@pytest.mark.parametrize("role", sorted(path.name for path in ROLES.iterdir()))
def test_every_default_that_is_specified_is_there_and_the_reverse(role: str) -> None:
    folder = ROLES / role
    defaults = set(re.findall(rf"^({role}_\w+):", (folder / "defaults/main.yml").read_text(), flags=re.MULTILINE))
    specified = set(
        re.findall(rf"^      ({role}_\w+):", (folder / "meta/argument_specs.yml").read_text(), flags=re.MULTILINE)
    )
    assert defaults == specified
