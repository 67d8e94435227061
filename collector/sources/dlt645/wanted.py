"""Decides what one DL/T 645 meter is asked for: blocks where it answers them, single codes where it does not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from collector.sources.dlt645.identifiers import block


@dataclass(slots=True)
class Wanted:
    """The codes of a model, and what the meter has shown of them since it was last gone.

    `answered`, `refused`: codes and blocks. `doubtful`: the meter was silent when asked, but not when asked for others.
    """

    codes: Sequence[str]
    answered: set[str] = field(default_factory=set)
    refused: set[str] = field(default_factory=set)
    doubtful: set[str] = field(default_factory=set)

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
            if around not in self.refused | self.doubtful:
                return
        yield from (code for code in group if code not in self.refused)

    def was_answered(self, code: str) -> None:
        """Notes that the meter knows this code or block."""
        self.answered.add(code)
        self.doubtful.discard(code)

    def was_silent(self, code: str) -> None:
        """Notes a silence: the second one is a refusal."""
        (self.refused if code in self.doubtful else self.doubtful).add(code)

    def forget(self) -> None:
        """The meter was gone: another one may hang there now."""
        self.answered.clear()
        self.refused.clear()
        self.doubtful.clear()
