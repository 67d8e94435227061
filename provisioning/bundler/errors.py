"""Says what stops a bundle from being built, and what to do about it."""

from __future__ import annotations


class BundleError(Exception):
    """What went wrong, and a hint; printed without a traceback."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
