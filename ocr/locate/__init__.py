"""Finds the line of seven-segment digits in a whole picture, nothing given."""

from ocr.locate.found import Found
from ocr.locate.locator import Locator

__all__ = ["Found", "Locator"]
