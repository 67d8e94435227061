"""Gives tests a machine of each release that the one command has made a logger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.appliance.bundles import RELEASES
from tests.appliance.logger import Logger, a_logger
from tests.appliance.shell import missing_tools

#: MB of the disk that /var/lib lies on.
DISK = 2048
#: MB of memory that Linux has left on a Pi with 512 MB.
MEMORY = 430
#: A machine is shared by all tests: first what looks at a fresh one, last what harms it.
_ORDER = (
    "test_install",
    "test_security",
    "test_budget",
    "test_backup",
    "test_switches",
    "test_no_adapter",
    "test_pi",
    "test_power_cut",
    "test_disasters",
    "test_upgrade",
)
#: What does not depend on the release, and takes minutes, is tested on one of them.
_ONCE = {"test_no_adapter": "trixie", "test_pi": "trixie", "test_switches": "bookworm", "test_upgrade": "bookworm"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Marks and orders the tests of this folder; those of one release share a machine."""
    here = Path(__file__).parent
    others = [item for item in items if item.path.parent != here]
    ours = [item for item in items if item.path.parent == here]
    twice = [item for item in ours if _ONCE.get(item.path.stem, _release(item)) != _release(item)]
    config.hook.pytest_deselected(items=twice)
    ours = sorted((item for item in ours if item not in twice), key=_place)
    for item in ours:
        item.add_marker(pytest.mark.appliance)
        item.add_marker(pytest.mark.timeout(1800))
    items[:] = others + ours


def _place(item: pytest.Item) -> tuple[str, int]:
    return _release(item), _ORDER.index(item.path.stem) if item.path.stem in _ORDER else len(_ORDER)


def _release(item: pytest.Item) -> str:
    return next((name for name in RELEASES if f"[{name}" in item.name), "")


@pytest.fixture(scope="session", params=RELEASES)
def logger(request: pytest.FixtureRequest) -> Iterator[Logger]:
    """The logger that the tests share, one of each release; its /var/lib is a disk that can be cut off."""
    if reason := missing_tools():
        pytest.skip(reason)
    with a_logger(request.param, disk_mb=DISK, memory_mb=MEMORY) as made:
        yield made
