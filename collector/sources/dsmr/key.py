"""Opens encrypted telegrams with the key that the grid operator gives to a customer (AES-128-GCM, NIST SP 800-38D)."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from collector.errors import UsageError
from collector.sources.dsmr.frame import TAG, Frame

#: Security control: authenticated and encrypted; what is authenticated begins with it.
_CONTROL = b"\x30"
#: The authentication key of every meter in Luxembourg (Smarty P1, 3.2.5); Austrian operators give one of their own.
_AUTHENTICATION = bytes.fromhex("00112233445566778899AABBCCDDEEFF")
_KEY = re.compile(r"[0-9A-Fa-f]{32}")
_HINT = "the first line: the 32 hex digits from the grid operator; a second such line: its authentication key"


class Key:
    """What a customer needs to read the meter."""

    def __init__(self, encryption: bytes, authentication: bytes = _AUTHENTICATION) -> None:
        """Both 16 bytes. Raises UsageError where the program that deciphers is not installed."""
        try:
            self._ciphers: Any = import_module("cryptography.hazmat.primitives.ciphers")
            self._invalid = import_module("cryptography.exceptions").InvalidTag
        except ImportError as error:
            hint = "install Phaselog with the extra p1-encrypted (the package cryptography)"
            raise UsageError("encrypted telegrams cannot be read here: a program for it is missing", hint) from error
        self._encryption = encryption
        self._authenticated = _CONTROL + authentication

    def open(self, frame: Frame) -> bytes | None:
        """The telegram in it; None where the tag proves that the key is another or that bytes are damaged."""
        text, tag = frame.text[:-TAG], frame.text[-TAG:]
        mode = self._ciphers.modes.GCM(frame.title + frame.counter, tag, min_tag_length=TAG)
        cipher = self._ciphers.Cipher(self._ciphers.algorithms.AES(self._encryption), mode).decryptor()
        cipher.authenticate_additional_data(self._authenticated)
        opened: bytes = cipher.update(text)
        try:
            cipher.finalize()
        except self._invalid:
            return None
        return opened


def read_key(path: Path) -> Key:
    """The key in this file: 32 hex digits. Raises UsageError; the text of the file is never shown."""
    try:
        words = path.read_text("ascii").split()
    except (OSError, UnicodeError) as error:
        raise UsageError(f"{path}: the key cannot be read ({type(error).__name__})", _HINT) from error
    if len(words) not in (1, 2) or not all(_KEY.fullmatch(word) for word in words):
        raise UsageError(f"{path}: there is no key in it", _HINT)
    return Key(*(bytes.fromhex(word) for word in words))
