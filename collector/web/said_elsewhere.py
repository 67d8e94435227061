"""Lists the words of other rooms that the page shows as they are, so that the catalogues know them."""

from __future__ import annotations

from collector.web.language import marked

#: How a meter, the storing, or a value does.
STATES = (
    marked("ok"), marked("silent"), marked("failing"), marked("starting"), marked("unknown"), marked("down"),
    marked("outdated"), marked("draining"), marked("good"), marked("stale"), marked("missing"), marked("none"),
)  # fmt: skip
#: What went wrong with a request, as it is counted.
ERRORS = (
    marked("no answer"), marked("bad answer"), marked("line"), marked("port missing"), marked("port busy"),
    marked("port denied"), marked("gateway down"), marked("device"), marked("crc"), marked("late"), marked("noise"),
)  # fmt: skip
#: Kinds of events.
EVENTS = (
    marked("counter reset"), marked("counter rollover"), marked("meter swap"), marked("counter scale"),
    marked("clock moved"), marked("clock"), marked("backup"), marked("setting"), marked("tariff exchange"),
)  # fmt: skip
#: What the machine is made of.
FACTS = (marked("System"), marked("Python"), marked("Phaselog"), marked("Store"))
