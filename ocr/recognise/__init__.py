"""Reads the number on a straightened seven-segment display: digits, and how likely the whole number is right."""

from ocr.recognise.reader import Digit, Recogniser, Recognition

__all__ = ["Digit", "Recogniser", "Recognition"]
