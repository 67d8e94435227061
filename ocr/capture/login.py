"""Holds what a network camera asks of its visitors."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Login:
    """An account of a camera; the password never shows in a log."""

    user: str
    password: str = field(repr=False)
