"""Which collected table each model is compared with, and where the two differ and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

#: Models that give the same registers as one table.
SERIES = ("carlogavazzi-em330", "carlogavazzi-em340", "carlogavazzi-et330", "carlogavazzi-et340")
UMG = ("janitza-umg96rm", "janitza-umg96-s2", "janitza-umg96-pa", "janitza-umg103", "janitza-umg104")
ABB = ("abb-a43", "abb-a44", "abb-b23", "abb-b24")

#: Table -> models.
MBMD: Mapping[str, tuple[str, ...]] = {
    "abb": (*ABB, "abb-b21"),
    "carlogavazzi-em24": ("carlogavazzi-em24-din",),
    "carlogavazzi-em24_e1": ("carlogavazzi-em24-e1",),
    "carlogavazzi-ex3x0": (*SERIES, "carlogavazzi-em530", "carlogavazzi-em540"),
    "ddm18sd": ("generic-ddm18sd",),
    "dmg610": ("lovato-dmg610",),
    "ds100": ("bgetech-ds100",),
    "dtsu666": ("chint-dtsu666",),
    "dzg": ("dzg-dvh4013",),
    "eltako": ("eltako-dsz15dzmod", "eltako-dsz16dz"),
    "finder7m24": ("finder-7m24",),
    "finder7m38": ("finder-7m38",),
    "inepro": ("inepro-pro380", "inepro-pro1"),
    "janitza": (*UMG, "janitza-umg511", "janitza-umg604", "janitza-umg605", "janitza-b23"),
    "mpm3pm": ("bernecker-mpm3pm",),
    "sdm": ("eastron-sdm630", "eastron-sdm530"),
    "sdm120": ("eastron-sdm120",),
    "sdm220": ("eastron-sdm220",),
    "sdm230": ("eastron-sdm230",),
    "sdm54": ("eastron-sdm54",),
    "sdm72": ("eastron-sdm72",),
    "sdm72v2": ("eastron-sdm72-v2",),
    "semtr3y": ("solaredge-se-mtr-3y", "ccs-wattnode"),
    "wago87930": ("wago-879-3000", "wago-879-3040"),
    "ws100": ("bgetech-ws100",),
    "x961a": ("eastron-x96-1a",),
}
AGGSOFT: Mapping[str, tuple[str, ...]] = {
    "abb_b23-b24": ABB,
    "carlo_gavazzi-em24": ("carlogavazzi-em24-din",),
    "carlo_gavazzi-em300-et300": SERIES,
    "eastron_sdm320": ("eastron-sdm320",),
    "eastron_sdm630": ("eastron-sdm630",),
    "elster_a1140-a1700": ("elster-a1140",),
    "janitza_umg96": ("janitza-umg96rm", "janitza-umg96-pa"),
    "janitza_umg103": ("janitza-umg103",),
    "janitza_umg104": ("janitza-umg104",),
    "janitza_umg511": ("janitza-umg511",),
    "janitza_umg604": ("janitza-umg604",),
}
#: Tables that became no model of ours.
NO_MODEL = {
    "iskra_mt880-cm-f3e": "neither base nor unit is known, and no second source",
}
#: Tables of meters that other tests compare.
ELSEWHERE = ("circutor_", "schneider_", "siemens_", "iem3000", "pac2200")


def _even(*spans: tuple[int, int]) -> set[int]:
    return {address for first, last in spans for address in range(first, last + 1, 2)}


_PARTS = "a sum of two counters that are in the map, by phase or tariff: no quantity"
_BY_PHASE = "by phase: no quantity"
#: (table, model or "" for all of them) -> addresses that are not in the map, and why.
LEFT_OUT: Mapping[tuple[str, str], tuple[tuple[Iterable[int], str], ...]] = {
    ("abb", "abb-b21"): (
        ([*range(21600, 21624), 23298, 23300, 23310, 23312, *range(23318, 23324), 23355, 23356, 23357],
         "a meter of one phase"),
    ),
    ("sdm", ""): (([248], "mean distortion: no quantity"), (_even((358, 362), (376, 380)), _PARTS)),
    ("sdm", "eastron-sdm530"): ((_even((346, 374)), "the SDM530 does not count by phase"),),
    ("elster_a1140-a1700", ""): (([47, 49], "the frequency once more"), (range(65, 200), "tariffs, history, profile")),
    ("sdm54", ""): (([248], "mean distortion: no quantity"), ({358, 360, 362, 4876, 4878, 4900, 4902}, _PARTS)),
    ("x961a", ""): (([248], "mean distortion: no quantity"), (_even((358, 362), (376, 380)), _PARTS)),
    ("inepro", "inepro-pro380"): (
        ([20480, 20490], "only the PRO1 has these"), (_even((24582, 24586), (24618, 24622)), _PARTS),
    ),
    ("inepro", "inepro-pro1"): (
        (_even((20482, 20486), (20492, 20496), (20500, 20504), (20508, 20512), (20516, 20520), (20524, 20528)),
         "a meter of one phase"),
        (_even((24582, 24586), (24594, 24598), (24606, 24610), (24618, 24622), (24630, 24634), (24642, 24646)),
         "a meter of one phase"),
    ),
    ("wago87930", ""): (([20480, 20490], "only meters of one phase have these"),),
    ("ds100", ""): (([4490], "wrong in the table: the manual and evcc say 280"),),
    ("semtr3y", ""): (
        ([1100, 1102, 1104, 1124], "net by phase: no quantity"),
        ([1128, 1130], "one place too far in the table: by the manual 1126 and 1128"),
    ),
    ("abb_b23-b24", ""): (
        ([20516, 20532], "carbon dioxide and currency"),
        ([*range(21624, 21636), *range(21660, 21696)], _BY_PHASE),
    ),
    **{
        ("carlo_gavazzi-em300-et300", name): (([96, 98, 100], "only the ET300 series counts export by phase"),)
        for name in ("carlogavazzi-em330", "carlogavazzi-em340")
    },
    ("eastron_sdm320", ""): ((range(529, 714), "of past months"),),
    ("eastron_sdm630", ""): (([48, 82], "sum of currents and ampere hours: no quantity"),),
    **{
        (table, ""): (
            ([19052], "rotation"),
            (_even((19054, 19058), (19078, 19082), (19086, 19090), (19094, 19098), (19102, 19106)), _BY_PHASE),
        )
        for table in ("janitza_umg96", "janitza_umg103", "janitza_umg104", "janitza_umg511", "janitza_umg604")
    },
}  # fmt: skip
#: (table, address) -> why type or scale are not those of the table.
DIFFERENT = {
    **{("dzg", at): "the table's unit is that of another value: it is power, in W" for at in (0, 2)},
    **{("dzg", at): "the table gives neither type nor scale" for at in range(16384, 16737, 32)},
}
#: Table -> why the function code is another one.
OTHER_FUNCTION = {"mpm3pm": "openWB reads with 04, in many installations"}
