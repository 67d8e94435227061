"""Pages over a made-up plant."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from household import Household


@pytest.fixture
def house(tmp_path: Path) -> Household:
    """One meter, the collector running."""
    made = Household(tmp_path)
    made.run()
    return made


@pytest.fixture
def build(tmp_path: Path) -> Callable[..., Household]:
    """As many meters as a test wants."""
    return lambda count=1, **meter: Household(tmp_path, count, **meter)
