"""Takes pictures of a display: with the Pi's camera, a USB or network camera, or from a folder that another fills."""

from ocr.capture.errors import CaptureError
from ocr.capture.messages import Shot
from ocr.capture.taking import take

__all__ = ["CaptureError", "Shot", "take"]
