"""Holds the sentences of advice; `%(name)s` stands for a value. Each is the key of its translations, too."""

from __future__ import annotations

WELL = "Everything that was measured lies within its limits."
UNKNOWN = "Too little was measured in this period to judge it."
LOOK_AT_HEALTH = "Look at the health page for what keeps the meter silent."
VOLTAGE_HIGH = (
    "The voltage of %(phases)s is too high (on average %(mean)s off nominal, at worst %(worst)s):"
    " lamps and power supplies age faster."
)
VOLTAGE_LOW = (
    "The voltage of %(phases)s is too low (on average %(mean)s off nominal, at worst %(worst)s):"
    " motors draw more current and run hot."
)
REGULATOR_LOWER = "Set the generator's voltage regulator about %(volts)s lower."
REGULATOR_HIGHER = "Set the generator's voltage regulator about %(volts)s higher, and look for thin or long cables."
SWING = "The mean is right, the swing is too large: look for large loads that switch, and for thin cables."
TAP_LOWER = "Ask for the transformer to be set %(taps)s tap(s) of %(step)s lower, about %(volts)s."
TAP_HIGHER = (
    "Check the cables, then ask for the transformer to be set %(taps)s tap(s) of %(step)s higher, about %(volts)s."
)
FREQUENCY = "The frequency left its limits (on average %(off)s off): that is a matter of the whole network."
TELL_OPERATOR = "Tell the network operator; check nominal_frequency first."
OVERSPEED = "The turbine runs too fast (on average %(off)s off)."
BALLAST = "Add ballast load or check the governor: a generator that overspeeds damages motors and itself."
UNDERSPEED = "The turbine runs too slowly (on average %(off)s off): it is loaded with more than the water gives."
SHED = "Shed load at the hours shown as evidence, or check intake, screen and nozzle."
UNBALANCE = "The three phases are loaded unequally (currents differ from their mean by %(spread)s on average)."
UNEQUAL = "The three voltages differ (unbalance of %(spread)s on average): motors run hot on the weak phase."
SPREAD = "Spread single-phase loads evenly."
MOVE = "Move single-phase loads of about %(power)s (%(amps)s) from %(from)s to %(to)s."
TURNS = (
    "Over the whole period the phases carry alike: large loads take turns."
    " Put those that often run at the same time on different phases."
)
POWER_FACTOR = "The power factor is %(factor)s, %(wanted)s is wanted: cables carry current that does no work."
CAPACITOR = "A capacitor of about %(reactive)s, switched with the motors that need it, brings it to %(wanted)s."
CAPACITIVE = "The load is capacitive: switch off capacitors of about %(reactive)s."
DISTORTION = "The voltage is distorted (up to %(worst)s): electronics disturb it."
FILTERS = "Find what runs at the hours shown as evidence; filters belong to the device that distorts."
OVERLOAD = "The installation was loaded with %(loading)s of what it is made for."
ENLARGE = "Move %(excess)s of load to other hours, or enlarge it."
LIGHT = "The installation is lightly used: at most %(loading)s of what it is made for."
ROOM = "There is room for more load."

#: All of them, for the catalogues of languages.
SENTENCES = tuple(text for name, text in sorted(globals().items()) if name.isupper() and isinstance(text, str))
