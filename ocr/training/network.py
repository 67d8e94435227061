"""The reader's network: it looks at a strip once and says, every 4 pixels, what stands there.

Output channels at each step: blank, the ten digits, the decimal point (CTC, Graves 2006), then the digit's top,
bottom and lean.
"""

from __future__ import annotations

from typing import Final

import torch
from torch import nn

CLASSES: Final = 12
GEOMETRY: Final = 3
WIDTHS: Final = (16, 48, 64, 112)


class Conv(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(self, before: int, after: int, kernel: int = 3, stride: int | tuple[int, int] = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(before, after, kernel, stride, kernel // 2, bias=False)
        self.norm = nn.BatchNorm2d(after)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One pass."""
        return torch.relu(self.norm(self.conv(x)))


class Residual(nn.Module):
    """Two convolutions beside a straight way."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = Conv(channels, channels)
        self.second = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.norm = nn.BatchNorm2d(channels)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One pass."""
        return torch.relu(x + self.norm(self.second(self.first(x))))


class StripNetwork(nn.Module):
    """Strips of 32 rows in, one column of scores for every 4 columns of pixels out."""

    def __init__(self) -> None:
        super().__init__()
        a, b, c, d = WIDTHS
        self.body = nn.Sequential(
            Conv(1, a, 5, 2),
            Conv(a, a),
            Conv(a, b, 3, 2),
            Residual(b),
            Conv(b, c, 3, (2, 1)),
            Residual(c),
            Conv(c, d, 3, (2, 1)),
            nn.Conv2d(d, d, (2, 3), 1, (0, 1), bias=False),
            nn.BatchNorm2d(d),
            nn.ReLU(),
        )
        self.head = nn.Conv2d(d, CLASSES + GEOMETRY, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Scores of shape (batch, 15, 1, width / 4)."""
        return self.head(self.body(x))
