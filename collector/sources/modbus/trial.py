"""Tries whether a meter answers a hole in its register map: once, apart from the readings, between two values."""

from __future__ import annotations

import logging

from collector.devices.map import Model
from collector.errors import BadAnswer, MeterRefused, NoAnswer
from collector.sources.learned import Gaps, Hole
from collector.sources.modbus.exceptions import ILLEGAL_ADDRESS, ILLEGAL_FUNCTION, ILLEGAL_VALUE
from collector.sources.modbus.unit import Unit

log = logging.getLogger(__name__)

_NO_SUCH_REGISTER = (ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE)


def try_hole(hole: Hole, model: Model, unit: Unit, gaps: Gaps) -> None:
    """Reads from the value before the hole to the one behind it and notes whether the meter answers.

    A meter that stays silent has refused, too, if it answers the next question: else NoAnswer is raised, nothing noted.
    """
    before = next(register for register in model.registers() if register.end == hole[0])
    behind = next(register for register in model.registers() if register.address == hole[1])
    try:
        unit.registers(before.address, behind.end - before.address)
    except MeterRefused as error:
        if error.code not in _NO_SUCH_REGISTER:
            return
        answered = False
    except BadAnswer:
        return
    except NoAnswer:
        unit.fence()
        answered = False
    else:
        answered = True
    log.info("registers %d to %d: the meter %s", hole[0], hole[1] - 1, "answers" if answered else "refuses them")
    gaps.learn([hole], answered)
