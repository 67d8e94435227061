"""Keeps one look that fails from costing the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from collector.model.finding import Finding, skipped


def attempted(subject: str, look: Callable[[], Iterable[Finding]]) -> Iterator[Finding]:
    """The findings of one look; where this user may not look, or something unforeseen happens, it says so instead."""
    try:
        yield from look()
    except PermissionError as error:
        yield skipped(subject, f"{error.filename or 'something here'} is not for this user to see: try it with sudo")
    except Exception as error:  # whatever it is, the next look may still tell something
        yield skipped(subject, f"could not be looked at: {type(error).__name__}: {error}")
