"""Slows down who guesses passwords, without ever locking the owner out: pure arithmetic over remembered tries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from ipaddress import ip_address

from collector.model.account import Tries

HOUR, DAY = 3_600_000, 86_400_000
#: Failures that cost nothing: a person mistypes.
FREE = 5
#: From one address or at one account, over all of the others.
FREE_ADDRESS = FREE_ACCOUNT = 20
#: Longest wait, s: of one who guesses, and of a stranger at an account that others guess at.
LONGEST, LONGEST_STRANGER = 900, 60
#: Tries are remembered for this long, ms; an address from which somebody has logged in stays known meanwhile.
REMEMBERED = 90 * DAY


def network(address: str) -> str:
    """The address that counts: one machine has a whole IPv6 network of 64 bits to choose its addresses from."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return "local"
    if found.version == 6 and found.ipv4_mapped is None:
        return f"{ip_address(int(found) >> 64 << 64)}/64"
    return str(getattr(found, "ipv4_mapped", None) or found)


def wait(tries: Sequence[Tries], account: str, address: str, now: int) -> float:
    """s that this account may not be tried from this address; 0 when it may be tried now."""
    own = [each for each in tries if each.account == account and each.address == address]
    of_address = [each for each in tries if each.address == address and now - each.last < HOUR]
    strangers = [each for each in tries if each.account == account and not each.known and now - each.last < HOUR]
    waits = [_left(own, FREE, LONGEST, now), _left(of_address, FREE_ADDRESS, LONGEST, now)]
    # Whoever logged in from this address before does not wait because strangers guess from elsewhere.
    if not any(each.known for each in own):
        waits.append(_left(strangers, FREE_ACCOUNT, LONGEST_STRANGER, now))
    return max(waits)


def _left(tries: Iterable[Tries], free: int, longest: int, now: int) -> float:
    counted = [each for each in tries if each.failures]
    failures = sum(each.failures for each in counted)
    if failures < free:
        return 0.0
    since = (now - max(each.last for each in counted)) / 1000
    # A clock that was put back would make them wait for months.
    return max(0.0, min(longest, 2.0 ** min(failures - free, 20)) - since) if since >= 0 else 0.0


def failed(tries: Sequence[Tries], account: str, address: str, now: int) -> Tries:
    """What is remembered after another failure; yesterday's do not count any more."""
    own = _own(tries, account, address)
    before = own.failures if 0 <= now - own.last < DAY else 0
    return replace(own, failures=before + 1, last=now)


def succeeded(account: str, address: str, now: int) -> Tries:
    """What is remembered after a good login."""
    return Tries(account, address, 0, now, known=True)


def _own(tries: Sequence[Tries], account: str, address: str) -> Tries:
    found = (each for each in tries if each.account == account and each.address == address)
    return next(found, Tries(account, address, 0, 0, known=False))
