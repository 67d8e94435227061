"""`python -m ocr calibrate`: a profile and a drawing of it from one picture."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import get_args

from ocr import explain, picture, profile
from ocr.calibrate import Proposal, Wish, propose
from ocr.commands import asked
from ocr.errors import RequestError
from ocr.profile import Profile
from ocr.reader import Reader


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds the subcommand."""
    parser = commands.add_parser("calibrate", help="write the profile of a fixed camera", description=__doc__)
    parser.add_argument("image", type=Path, metavar="IMAGE", help="a picture as the camera will take them")
    parser.add_argument("--corners", type=asked.four_corners, metavar="x1,y1,...,x4,y4",
                        help="the corners around all places of the number, clockwise from the top left")  # fmt: skip
    parser.add_argument("--digits", type=asked.digits, metavar="N", help="how many places the display has")
    parser.add_argument("--decimals", type=asked.decimals, metavar="N", help="how many of them behind the point")
    parser.add_argument("--leading", choices=get_args(profile.Leading),
                        help="what stands left of a number that is shorter than the display")  # fmt: skip
    parser.add_argument("--code", type=asked.four_corners, metavar="x1,y1,...,x4,y4",
                        help="the same of the code (1.8.0), where the display shows registers in turn")  # fmt: skip
    parser.add_argument("--profile", type=Path, metavar="FILE", help="where to write it (IMAGE.profile.toml)")
    parser.add_argument("--explain", type=Path, metavar="OUT.png", help="where to draw it (IMAGE.profile.png)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Writes profile and drawing; 1 where there is nothing to make a profile of."""
    asked.check_counts(options.digits, options.decimals)
    opened = picture.load(options.image)
    wish = Wish(options.corners, options.digits, options.decimals, options.leading, options.code)
    made = propose(Reader(), opened, wish)
    drawing = options.explain or Path(f"{options.image.stem}.profile.png")
    explain.write(explain.draw(opened, made.outcome), drawing)
    written = None
    if made.profile is not None:
        written = options.profile or Path(f"{options.image.stem}.profile.toml")
        _write(written, profile.to_toml(made.profile))
    _print(options, made, written, drawing)
    return 0 if made.profile is not None else 1


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text)
    except OSError as error:
        raise RequestError(f"{path}: {error.strerror or error}") from None


def _print(options: argparse.Namespace, made: Proposal, written: Path | None, drawing: Path) -> None:
    if options.json:
        line = made.outcome.as_json(str(options.image))
        line |= {"profile": str(written) if written else None, "explain": str(drawing), "remarks": made.remarks}
        print(json.dumps(line | (_facts(made.profile) if made.profile else {})))
        return
    if made.profile is not None:
        for name, fact in _facts(made.profile).items():
            print(f"{name:9} {fact}")
        print(f"reads     {made.outcome.text}  ({made.outcome.confidence:.1%} sure)")
        print(f"profile   {written}")
    print(f"drawing   {drawing}")
    for remark in made.remarks:
        print(f"look      {remark}")


def _facts(made: Profile) -> dict[str, object]:
    return {
        "places": made.digits,
        "decimals": made.decimals,
        "leading": made.leading,
        "kind": made.kind,
        "colour": made.colour,
        "corners": ",".join(f"{side:.0f}" for side in made.corners.ravel().tolist()),
    }
