"""Opens encrypted P1 telegrams (Luxembourg Smarty P1 specification; AES-128-GCM of DLMS, security suite 0)."""

from __future__ import annotations

from dataclasses import dataclass

from collector.errors import UsageError

TAG = 0xDB
#: Tag, length of the system title (8), system title.
_TITLE_AT, _LENGTH_AT = 2, 10
#: BER: the length stands in the next 1 or 2 bytes.
_LENGTH_BYTES = {0x81: 1, 0x82: 2}
_SECURITY = 0x30  #: encrypted and authenticated
_CHECK = 12  #: bytes of the authentication tag
#: Security byte and frame counter.
_COUNTED = 5
LONGEST = 8192
#: The authentication key that Luxembourg's grid operators publish for all meters.
_AUTHENTICATION = bytes.fromhex("00112233445566778899AABBCCDDEEFF")


class WrongKey(ValueError):
    """The telegram does not open with this key, or it was damaged."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """The layout of an encrypted telegram. `length`: all its bytes; `content`: where the security byte is."""

    content: int
    length: int


def envelope(head: bytes) -> Envelope | None:
    """The layout that these first 14 bytes announce; None if they begin no encrypted telegram."""
    if len(head) < _LENGTH_AT + 4 or head[0] != TAG or head[1] != 8:
        return None
    count = _LENGTH_BYTES.get(head[_LENGTH_AT], 0)
    content = _LENGTH_AT + 1 + count
    length = int.from_bytes(head[_LENGTH_AT + 1 : content], "big") if count else 0
    if not _COUNTED + _CHECK < length <= LONGEST or head[content] != _SECURITY:
        return None
    return Envelope(content, content + length)


def title(raw: bytes) -> str:
    """The system title of the meter, as text if it is text."""
    octets = raw[_TITLE_AT:_LENGTH_AT]
    return octets.decode() if octets.isalnum() else octets.hex()


class Lock:
    """Opens telegrams with one key."""

    def __init__(self, key: bytes) -> None:
        """`key`: 16 bytes; or 32, the authentication key behind it. Raises UsageError."""
        if len(key) not in (16, 32):
            raise UsageError(f"a P1 key has 16 bytes (32 hexadecimal digits), this one {len(key)}")
        try:
            import cryptography  # noqa: F401, PLC0415 (only who has a key needs it)
        except ImportError as error:
            hint = 'install it beside Phaselog: pip install "phaselog[p1-encrypted]"'
            raise UsageError("encrypted P1 telegrams need the package cryptography", hint) from error
        self._key = key[:16]
        self._authentication = key[16:] or _AUTHENTICATION

    def opened(self, raw: bytes, layout: Envelope) -> bytes:
        """The telegram within; raises WrongKey."""
        from cryptography.exceptions import InvalidTag  # noqa: PLC0415
        from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes  # noqa: PLC0415

        nonce = raw[_TITLE_AT:_LENGTH_AT] + raw[layout.content + 1 : layout.content + _COUNTED]
        sealed, tag = (
            raw[layout.content + _COUNTED : layout.length - _CHECK],
            raw[layout.length - _CHECK : layout.length],
        )
        cipher = Cipher(algorithms.AES(self._key), modes.GCM(nonce, tag, _CHECK)).decryptor()
        cipher.authenticate_additional_data(bytes([_SECURITY]) + self._authentication)
        try:
            return cipher.update(sealed) + cipher.finalize()
        except InvalidTag as error:
            raise WrongKey("it does not open with this key, or it was damaged") from error
