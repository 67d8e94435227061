"""Prints columns that line up: words on the left, numbers at their decimal point."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = "–"


def aligned(rows: Sequence[Sequence[str]], numbers: frozenset[int] = frozenset()) -> list[str]:
    """One line per row. Columns in `numbers` align at the decimal point, the others at their left edge."""
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    filled = [_decimal(column) if index in numbers else column for index, column in enumerate(columns)]
    widths = [max(len(cell) for cell in column) for column in filled]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            for row in zip(*filled, strict=True)]  # fmt: skip


def _decimal(column: Sequence[str]) -> list[str]:
    """Pads both sides so that all decimal points of the column stand below each other."""
    parts = [cell.partition(".") for cell in column]
    before = max(len(whole) for whole, _, _ in parts)
    after = max(len(point + fraction) for _, point, fraction in parts)
    return [whole.rjust(before) + (point + fraction).ljust(after) for whole, point, fraction in parts]
