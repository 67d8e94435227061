"""Decides what one DL/T 645 meter is asked for: blocks where it answers them, single codes where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from collector.sources.dlt645.identifiers import block


@dataclass(slots=True)
class Wanted:
    """The codes of a model, and what the meter has shown of them since it was last silent."""

    codes: Sequence[str]
    answered: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)

    def groups(self) -> list[tuple[str, ...]]:
        """Codes that one block could bring, in the model's order; a code that has no company is alone."""
        together: dict[str, list[str]] = {}
        for code in dict.fromkeys(self.codes):
            together.setdefault(block(code) or code, []).append(code)
        return [tuple(codes) for codes in together.values()]

    def requests(self, group: tuple[str, ...]) -> Iterator[str]:
        """What to ask for these codes, one after the other; what is learned meanwhile is minded."""
        around = block(group[0])
        if around is not None and len(group) > 1:
            if around not in self.refused:
                yield around
            if around not in self.refused:
                return
        yield from (code for code in group if code not in self.refused)

    def forget(self) -> None:
        """The meter was silent: another one may hang there now."""
        self.answered.clear()
        self.refused.clear()
