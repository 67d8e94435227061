"""Says who asks: somebody with a session, a program with a key, or nobody in particular."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g

from collector.model.account import Role


@dataclass(frozen=True, slots=True)
class Identity:
    """Who sent this request. `name`: of the user, or of the key that a program showed (`program`)."""

    name: str
    role: Role
    program: bool = False

    def __str__(self) -> str:
        return f"program {self.name}" if self.program else self.name


NOBODY = Identity("", Role.NOBODY)


def who() -> Identity:
    """Who sent the current request; NOBODY before the gate has looked."""
    identity: Identity = g.get("who", NOBODY)
    return identity
