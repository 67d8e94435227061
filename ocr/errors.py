"""Names what can go wrong before a display is even looked at; what is wrong with a display is a refusal, not an error.

OcrError
 ├─ PictureError    the file is no picture, is cut off, or is larger than what is opened
 ├─ ProfileError    the profile cannot be read, or does not describe a display
 └─ RequestError    corners, counts or labels that make no sense
"""

from __future__ import annotations


class OcrError(Exception):
    """Something that a person can mend; `hint` says how."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class PictureError(OcrError):
    """The picture could not be opened."""


class ProfileError(OcrError):
    """The profile is missing or wrong."""


class RequestError(OcrError):
    """What was asked for makes no sense."""
