"""Removes from a text what must not leave the house: passwords, users, addresses, serial numbers of adapters."""

from __future__ import annotations

import ipaddress
import pwd
import re
import socket
from collections.abc import Callable, Collection
from pathlib import Path

#: Keys whose value is a secret or says who or where somebody is.
_KEYS = re.compile(
    r'(?im)^([+\-\s]*"?(?:[\w-]*(?:password|passwd|secret|token|key)|user|host|copy_to)"?\s*[=:]\s*)(.+)$'
)
#: Lists of such, which may go over several lines.
_LISTS = re.compile(r'(?i)("?\b(?:mysql_readers|time_servers)"?\s*[=:]\s*)([\[(][^\])]*[\])])')
_INLINE = re.compile(r"(?i)\b((?:password|passwd|secret|token)\s*[=:]\s*)(\S+)")
_URL_LOGIN = re.compile(r"(\w+://)[^/\s@]+@")
_IPV4 = re.compile(r"(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?![\d.])")
_IPV6 = re.compile(r"(?i)(?<![\w:])[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7}(?![\w:])")
_MAC = re.compile(r"(?i)\b[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}\b")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: usb-FTDI_FT232R_USB_UART_A50285BI-if00-port0: the last part before -if is the adapter's own serial number.
_ADAPTER = re.compile(r"(/dev/serial/by-id/usb-\S*_)([^_/\s\"']+?)(?=-if\d|[\s\"',:]|$)")
_SERIAL = re.compile(r"(?i)((?<![a-z])serial(?:[ _-]?(?:number|no|short))?\"?\s*[=:]\s*\"?)([\w.-]+)")
_HOME = re.compile(r"/(home)/[^/\s\"':]+")


def names_in(configuration: str) -> frozenset[str]:
    """Persons and machines that a configuration names, whole or broken: their names are in messages, too."""
    lists = " ".join(match[2] for match in _LISTS.finditer(configuration))
    single = " ".join(match[2] for match in _KEYS.finditer(configuration))
    words = re.findall(r"[\"']([^\"']{3,})[\"']", f"{lists} {single}")
    return frozenset(word for word in words if word != "localhost" and not word.startswith("phaselog"))


def scrub(text: str, names: Collection[str] = ()) -> str:
    """The same text with everything of that, and these names, replaced by a word in angle brackets."""
    for name in sorted(names, key=len, reverse=True):
        text = text.replace(name, "<removed>")
    text = _LISTS.sub(r"\1<removed>", text)
    text = _KEYS.sub(r"\1<removed>", text)
    text = _INLINE.sub(r"\1<removed>", text)
    text = _URL_LOGIN.sub(r"\1<removed>@", text)
    text = _MAIL.sub("<mail>", text)
    text = _MAC.sub("<mac>", text)
    text = _IPV4.sub(_unless_local("<ip>"), text)
    text = _IPV6.sub(_unless_local("<ip>"), text)
    text = _ADAPTER.sub(r"\1<serial>", text)
    text = _SERIAL.sub(r"\1<serial>", text)
    text = _HOME.sub(r"/\1/<user>", text)
    return _own_names(text)


def _unless_local(word: str) -> Callable[[re.Match[str]], str]:
    """Addresses that are the same on every machine say nothing about this one; times look like addresses, too."""

    def replacement(match: re.Match[str]) -> str:
        try:
            address = ipaddress.ip_address(match[0])
        except ValueError:
            return match[0]
        return match[0] if address.is_loopback or address.is_unspecified else word

    return replacement


def _persons() -> list[str]:
    """Who can log in here, as far as the name is no common word part."""
    return [entry.pw_name for entry in pwd.getpwall() if 1000 <= entry.pw_uid < 60000 and len(entry.pw_name) > 2]


def _own_names(text: str) -> str:
    """This machine's name, its persons and this one's home folder."""
    name, home = socket.gethostname(), str(Path.home())
    if len(home) > 1 and home != "/root":
        text = text.replace(home, "<home>")
    for word, person in [("<user>", person) for person in _persons()] + [("<machine>", name)]:
        if person != "localhost":
            text = re.sub(rf"(?<![\w-]){re.escape(person)}(?![\w-])", word, text)
    return text
