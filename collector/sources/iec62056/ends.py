"""Knows, character by character, when a block is whole: by count behind ETX, for the check may be any character."""

from __future__ import annotations

from collector.sources.iec62056.characters import ETX, NAK, SOH, STX, seven_bits


class BlockEnd:
    """Follows one block from STX to the character behind ETX. `started`: its STX came; `refused`: a NAK instead."""

    def __init__(self, *, commands: bool = True) -> None:
        """`commands`: a message that begins with SOH counts as well; otherwise it is our own, heard back."""
        self.started = self.whole = self.refused = False
        self._skips = not commands
        self._skipping = self._ended = False

    def feed(self, chunk: bytes) -> int:
        """How many bytes of this chunk belong to what is followed; all of them until it is whole."""
        for at, character in enumerate(seven_bits(chunk), 1):
            if self._ended:
                self._ended = False
                self.whole = not self._skipping
                self._skipping = False
            elif character == ETX and (self.started or self._skipping):
                self._ended = True
            elif self._skipping or self.started:
                continue
            elif character == SOH:
                self._skipping = self._skips
            elif character == NAK:
                self.whole = self.refused = True
            elif character == STX:
                self.started = True
            if self.whole:
                return at
        return len(chunk)
