"""Writes the pages on meters and quantities from the models: `python -m collector.devices.documentation`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

from collector.config.protocols import PROTOCOLS
from collector.devices import catalogue
from collector.devices.map import Encoding, Group, Model, Register, When
from collector.model.quantity import QUANTITIES

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"

_METERS = """# Meters

Every kind of meter that Phaselog knows, from the model files in `collector/devices`; `phaselog models NAME` shows one.
[Add a meter](../how-to/add-a-meter.md) says how to write another. *Proved* means that two independent sources agree on
every value that is recorded; a register marked *one source* is only read on demand, or belongs to a model that is not
proved. Addresses are zero-based, as they go over the wire. This page is made by
`python -m collector.devices.documentation`.
"""
_QUANTITIES = """# Quantities

The closed list of what a reading can hold: the names are those of the database columns, the JSON API and the CSV
files. Units are SI without prefixes. Active power and energy are positive when the site imports (IEC 62053, quadrants
I and IV), reactive power is positive when inductive. A *gauge* has a value now; a *counter* only grows; a *balance* is
import minus export and may fall. This page is made by `python -m collector.devices.documentation`.
"""

_ENCODINGS = {
    Encoding.FOUR_QUADRANT: "from -2 to 2, in four quadrants",
    Encoding.MAGNITUDE: "the highest bit is a mark, no sign",
}


def meters() -> str:
    """The page of all models, by maker."""
    models = sorted((catalogue.load(name) for name in catalogue.names()), key=lambda model: (model.maker, model.name))
    lines = [_METERS]
    for maker, made in groupby(models, lambda model: model.maker):
        lines += _maker(maker, list(made))
    return "\n".join(lines)


def quantities() -> str:
    """The page of all quantities, with how many models give each."""
    models = [catalogue.load(name).quantities() for name in catalogue.names()]
    lines = [_QUANTITIES, "| name | unit | kind | meaning | models |\n|---|---|---|---|---|"]
    for one in QUANTITIES.values():
        given = sum(one.name in offered for offered in models)
        lines.append(f"| `{one.name}` | {one.unit} | {one.kind.value} | {one.description} | {given or '–'} |")
    return "\n".join([*lines, ""])


def _maker(maker: str, models: Sequence[Model]) -> Iterator[str]:
    yield f"## {maker}\n"
    yield "| model | meter | speaks | proved | from the factory | quantities |\n|---|---|---|---|---|---|"
    for model in models:
        link = f"[`{model.name}`](#{model.name})"
        factory = _factory(model)
        proved = "yes" if model.verified else "no"
        yield f"| {link} | {model.title} | {model.protocol} | {proved} | {factory} | {len(model.quantities())} |"
    yield ""
    for model in models:
        yield from _model(model)


def _factory(model: Model) -> str:
    protocol = PROTOCOLS[model.protocol]
    if protocol.carrier != "wire":
        return protocol.carrier
    return (f"unit {model.unit}, " if protocol.address == "unit" else "") + f"{model.baud} {model.frame}"


def _model(model: Model) -> Iterator[str]:
    yield f"### {model.name}\n"
    yield f"{model.maker} {model.title}. {model.note}".strip() + "\n"
    yield "Sources:\n"
    yield from (f"* {source}" for source in model.sources)
    if model.codes:
        yield from _codes(model)
        return
    yield "\n<details><summary>Registers</summary>\n"
    yield "| address | name | type | unit | read | remark |\n|---|---|---|---|---|---|"
    for group in model.groups:
        yield from (_row(register, _pace(group)) for register in group.registers)
    for name, address in (model.status_bits or {}).items():
        yield f"| bit {address} | `{name}` | function 02 | | status | |"
    yield "\n</details>\n"


def _codes(model: Model) -> Iterator[str]:
    yield "\n<details><summary>Values</summary>\n"
    yield "| code | quantity | unit | remark |\n|---|---|---|---|"
    for code in model.codes:
        remarks = ["subtracted"] if code.sign < 0 else []
        remarks += ["a part, where the meter does not tell the sum"] if code.part else []
        remarks += [f"starts again at {code.rollover:g}"] if code.rollover else []
        remarks += [code.note] if code.note else []
        remarks += [] if code.verified else ["one source"]
        yield f"| `{code.code}` | `{code.quantity}` | {QUANTITIES[code.quantity].unit} | {'; '.join(remarks)} |"
    yield "\n</details>\n"


def _row(register: Register, pace: str) -> str:
    scale = "" if register.scale == 1.0 else f" × {register.scale:g}"
    scale += f" × 10^`{register.scale_register}`" if register.scale_register else ""
    remarks = [f"by setting `{register.choice.setting}`: {_meanings(register)}"] if register.choice else []
    remarks += [f"starts again at {register.rollover:g}"] if register.rollover else []
    remarks += [_ENCODINGS[register.encoding]] if register.encoding in _ENCODINGS else []
    remarks += [register.note] if register.note else []
    remarks += [] if register.verified else ["one source"]
    cells = (f"{register.address}", f"`{register.name}`", f"{register.type.value}{scale}", register.unit, pace)
    return f"| {' | '.join(cells)} | {'; '.join(remarks)} |"


def _meanings(register: Register) -> str:
    assert register.choice is not None
    return ", ".join(f"{setting} `{name}`" for setting, name in sorted(register.choice.quantities.items()))


def _pace(group: Group) -> str:
    return {When.TICK: "always", When.DEMAND: "on demand"}.get(group.when, f"every {group.every:g} s")


def main() -> None:
    """Writes both pages."""
    (REFERENCE / "meters.md").write_text(meters(), encoding="utf-8")
    (REFERENCE / "quantities.md").write_text(quantities(), encoding="utf-8")


if __name__ == "__main__":
    main()
