"""Speaks MQTT 3.1.1 by paho-mqtt, but can neither publish nor leave a will, nor be made to fill the memory."""

from __future__ import annotations

import secrets

from paho.mqtt.client import Client, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode

from collector.errors import UsageError

#: s; a broker in the same house answers in some ms.
CONNECT_TIMEOUT = 3.0
#: Bytes of one packet that are taken at all; more ends the connection.
LARGEST_PACKET = 1 << 20
#: CONNECT, SUBSCRIBE, PINGREQ, DISCONNECT (section 2.2.1).
_PERMITTED = {0x10, 0x80, 0xC0, 0xE0}
#: Bit of the connect flags: the broker is to publish something when we are gone (section 3.1.2.5).
_WILL = 0x04


def permit(packet: bytes) -> None:
    """Lets through what connects, subscribes and hears; raises UsageError for anything else."""
    kind = packet[0] & 0xF0 if packet else 0
    if kind not in _PERMITTED:
        raise UsageError(f"an MQTT packet of kind 0x{kind:02X} would do more than hear", "Phaselog publishes nothing")
    if kind == 0x10 and _connect_flags(packet) & _WILL:
        raise UsageError("this MQTT connection would leave a will", "Phaselog publishes nothing")


def _connect_flags(packet: bytes) -> int:
    """After the kind, the length (1 to 4 bytes, all but the last with bit 7), the name "MQTT" and the level."""
    length = next((count for count in range(1, 5) if not packet[count : count + 1] > b"\x7f"), 4)
    flags = packet[length + 8 : length + 9]
    return flags[0] if flags else _WILL


class HearingClient(Client):
    """One connection to a broker, with a session of its own that ends with it."""

    def __init__(self) -> None:
        super().__init__(CallbackAPIVersion.VERSION2, f"phaselog-{secrets.token_hex(6)}", clean_session=True)
        self.connect_timeout = CONNECT_TIMEOUT

    def _packet_queue(
        self, command: int, packet: bytes | bytearray, mid: int, qos: int, info: MQTTMessageInfo | None = None
    ) -> MQTTErrorCode:
        """Where paho-mqtt puts every packet that is to leave."""
        permit(bytes(packet))
        return super()._packet_queue(command, packet, mid, qos, info)

    def _sock_recv(self, bufsize: int) -> bytes:
        """Where paho-mqtt takes bytes; it asks for all of a packet at once."""
        if bufsize > LARGEST_PACKET:
            raise ConnectionError("the broker sends a packet that is too large")
        return super()._sock_recv(bufsize)
