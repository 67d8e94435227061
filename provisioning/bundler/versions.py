"""Orders Debian version numbers (Debian policy 5.6.12)."""

from __future__ import annotations

import re
from itertools import zip_longest

_PART = re.compile(r"([^0-9]*)([0-9]*)")


def _weight(character: str) -> int:
    """Letters before everything else; "~" before even the end."""
    if character == "~":
        return -1
    if not character:
        return 0
    return ord(character) if character.isalpha() else ord(character) + 256


def _compare_part(left: str, right: str) -> int:
    for (left_text, left_number), (right_text, right_number) in zip_longest(
        _PART.findall(left), _PART.findall(right), fillvalue=("", "")
    ):
        for one, other in zip_longest(left_text, right_text, fillvalue=""):
            if _weight(one) != _weight(other):
                return -1 if _weight(one) < _weight(other) else 1
        if int(left_number or 0) != int(right_number or 0):
            return -1 if int(left_number or 0) < int(right_number or 0) else 1
    return 0


def _split(version: str) -> tuple[int, str, str]:
    epoch, colon, rest = version.partition(":")
    if not colon:
        epoch, rest = "0", version
    upstream, _, revision = rest.rpartition("-") if "-" in rest else (rest, "", "")
    return int(epoch), upstream, revision


def compare(left: str, right: str) -> int:
    """Negative, zero or positive, as `left` is older than, the same as or newer than `right`."""
    (left_epoch, left_upstream, left_revision), (right_epoch, right_upstream, right_revision) = (
        _split(left),
        _split(right),
    )
    if left_epoch != right_epoch:
        return left_epoch - right_epoch
    return _compare_part(left_upstream, right_upstream) or _compare_part(left_revision, right_revision)


def satisfies(version: str, relation: str, wanted: str) -> bool:
    """Whether `version` stands in the relation (<<, <=, =, >=, >>) to `wanted`."""
    order = compare(version, wanted)
    return {"<<": order < 0, "<=": order <= 0, "=": order == 0, ">=": order >= 0, ">>": order > 0}[relation]
