"""Names what can go wrong with a camera, in one sentence and what to do about it."""

from __future__ import annotations

from ocr.errors import OcrError


class CaptureError(OcrError):
    """No picture could be taken; `hint` says what to look at."""
