"""Says what a measured figure is, and prints it beside its budget (DESIGN section 6)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measurement. `most`/`least` is the budget; None where a figure is told for information only."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None
    note: str = ""

    @property
    def kept(self) -> bool:
        """True when the budget is kept, or there is none."""
        over = self.most is not None and self.value > self.most
        under = self.least is not None and self.value < self.least
        return not over and not under

    @property
    def budget(self) -> str:
        """The budget in words."""
        if self.most is not None:
            return f"<= {self.most:g} {self.unit}".rstrip()
        if self.least is not None:
            return f">= {self.least:g} {self.unit}".rstrip()
        return ""


def table(figures: Iterable[Figure]) -> str:
    """The figures as a Markdown table."""
    rows = ["| what | measured | budget | kept | how |", "|---|---|---|---|---|"]
    for figure in figures:
        kept = "" if not figure.budget else "yes" if figure.kept else "**no**"
        value = f"{figure.value:.4g} {figure.unit}".rstrip()
        rows.append(f"| {figure.name} | {value} | {figure.budget} | {kept} | {figure.note} |")
    return "\n".join(rows) + "\n"
