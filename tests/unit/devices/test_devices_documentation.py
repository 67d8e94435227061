"""The generated pages are those of the models as they are now."""

from __future__ import annotations

import pytest

from collector.devices import catalogue, documentation
from collector.model.quantity import QUANTITIES


def test_the_pages_are_current():
    hint = "run: python -m collector.devices.documentation"
    assert (documentation.REFERENCE / "meters.md").read_text(encoding="utf-8") == documentation.meters(), hint
    assert (documentation.REFERENCE / "quantities.md").read_text(encoding="utf-8") == documentation.quantities(), hint


@pytest.mark.slow
def test_every_model_every_register_and_every_quantity_has_its_line():
    page = documentation.meters()
    for name in catalogue.names():
        assert f"\n### {name}\n" in page
        for register in catalogue.load(name).registers():
            assert f"| {register.address} | `{register.name}` |" in page
    assert all(f"| `{name}` |" in documentation.quantities() for name in QUANTITIES)
