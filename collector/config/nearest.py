"""Finds the word that was probably meant."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str:
    """A hint that names what was probably meant, else everything there is; empty if there is nothing."""
    names = sorted(set(known))
    if close := get_close_matches(word, names, n=3, cutoff=0.6):
        return "did you mean " + " or ".join(f'"{name}"' for name in close) + "?"
    return "known: " + ", ".join(names) if names and len(names) <= 40 else ""
