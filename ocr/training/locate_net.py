"""The network that finds lines of digits: fully convolutional, one answer for each 4 x 4 pixels."""

from torch import Tensor, nn

from ocr.locate.prepare import PLANES

ANSWERS = 8  # see locate_targets


def conv(inputs: int, outputs: int, *, stride: int = 1) -> nn.Sequential:
    """A plain convolution."""
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False), nn.BatchNorm2d(outputs), nn.ReLU(inplace=True)
    )


def separable(inputs: int, outputs: int, *, size: int = 3, stride: int = 1) -> nn.Sequential:
    """A depthwise and a pointwise convolution: a wide view for few weights."""
    return nn.Sequential(
        nn.Conv2d(inputs, inputs, size, stride, size // 2, groups=inputs, bias=False),
        nn.BatchNorm2d(inputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(inputs, outputs, 1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class Residual(nn.Module):
    """A separable convolution around which the input passes unchanged."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = separable(channels, channels, size=5)

    def forward(self, x: Tensor) -> Tensor:
        """The input and what was seen in it."""
        out: Tensor = x + self.inner(x)
        return out


class LineFinder(nn.Module):
    """Five halvings down, three doublings up."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = conv(PLANES, 16, stride=2)
        self.quarter = nn.Sequential(conv(16, 32, stride=2), conv(32, 32))
        self.eighth = nn.Sequential(separable(32, 48, stride=2), Residual(48), Residual(48))
        self.sixteenth = nn.Sequential(separable(48, 64, stride=2), *(Residual(64) for _ in range(3)))
        self.thirtysecond = nn.Sequential(separable(64, 64, stride=2), *(Residual(64) for _ in range(3)))
        self.from32 = nn.Conv2d(64, 64, 1)
        self.join16 = separable(64, 48)
        self.from8 = nn.Conv2d(48, 48, 1)
        self.join8 = separable(48, 32)
        self.join4 = conv(32, 32)
        self.answer = nn.Conv2d(32, ANSWERS, 1)
        self.twice = nn.Upsample(scale_factor=2, mode="nearest")

    def forward(self, x: Tensor) -> Tensor:
        """Answers at a quarter of the size."""
        quarter = self.quarter(self.stem(x))
        eighth = self.eighth(quarter)
        sixteenth = self.sixteenth(eighth)
        deep = self.from32(self.thirtysecond(sixteenth))
        up16 = self.join16(sixteenth + self.twice(deep))
        up8 = self.join8(self.from8(eighth) + self.twice(up16))
        out: Tensor = self.answer(self.join4(quarter + self.twice(up8)))
        return out
