"""What the devices publish, as they publish it, through a real broker: every ready model gives the values."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from collector.config.settings import LineSettings
from collector.devices import catalogue
from tests.integration.mqtt_broker import MOSQUITTO, Device, Mosquitto, heard_within, listener_of

pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not installed")

EM = {
    "id": 0, "a_current": 4.029, "a_voltage": 236.1, "a_act_power": 951.2, "a_aprt_power": 951.9, "a_pf": 1,
    "a_freq": 50,
    "b_current": 4.027, "b_voltage": 236.201, "b_act_power": -951.1, "b_aprt_power": 951.8, "b_pf": 1, "b_freq": 50,
    "c_current": 3.03, "c_voltage": 236.402, "c_active_power": 715.4, "c_act_power": 715.4, "c_aprt_power": 716.2,
    "c_pf": 1, "c_freq": 50, "n_current": None, "total_current": 11.083, "total_act_power": 715.5,
    "total_aprt_power": 2619.9, "user_calibrated_phase": [],
}  # fmt: skip
EMDATA = {
    "id": 0, "a_total_act_energy": 81574.47, "a_total_act_ret_energy": 0, "b_total_act_energy": 8784.89,
    "b_total_act_ret_energy": 12.5, "c_total_act_energy": 6557.2, "c_total_act_ret_energy": 0,
    "total_act": 96916.56, "total_act_ret": 12.5,
}  # fmt: skip
TASMOTA = {
    "Time": "2026-11-20T09:15:03",
    "ENERGY": {"TotalStartTime": "2023-11-13T19:36:00", "Total": 235.645, "Yesterday": 0.0, "Today": 0.015, "Period": 2,
               "Power": 24, "ApparentPower": 25, "ReactivePower": 7, "Factor": 0.96, "Voltage": 237, "Current": 0.105},
}  # fmt: skip
TASMOTA_3P = {
    "Time": "2026-11-20T09:15:03",
    "ENERGY": {"TotalStartTime": "2023-11-13T19:36:00", "Total": 8235.645, "Power": [500, 0, -20],
               "ApparentPower": [510, 0, 21], "ReactivePower": [101, 0, 6], "Factor": [0.98, 0, 0.95],
               "Voltage": [231, 232, 233], "Current": [2.2, 0, 0.09]},
}  # fmt: skip
#: model -> (topic of the meter, what is published below it, some values that must come of it)
CASES: dict[str, tuple[str, dict[str, object], dict[str, float | None]]] = {
    "tasmota-energy": ("tele/plug1", {"tele/plug1/SENSOR": TASMOTA},
        {"active_power_total": 24.0, "active_energy_import": 235645.0, "voltage_l1_n": 237.0, "current_l1": 0.105,
         "apparent_power_total": 25.0, "reactive_power_total": 7.0, "power_factor_total": 0.96}),
    "tasmota-energy-3p": ("tele/pow3", {"tele/pow3/SENSOR": TASMOTA_3P},
        {"active_power_l1": 500.0, "active_power_l3": -20.0, "voltage_l2_n": 232.0, "current_l3": 0.09,
         "active_energy_import": 8235645.0}),
    "shelly-em-channel": ("shellies/shellyem-B9/emeter/1",
        {f"shellies/shellyem-B9/emeter/1/{name}": value for name, value in
         {"power": "-812.34", "reactive_power": "-50.11", "voltage": "232.06", "total": "120053.4",
          "total_returned": "30.0", "energy": "99999", "returned_energy": "12"}.items()},
        {"active_power_total": -812.34, "reactive_power_total": -50.11, "voltage_l1_n": 232.06,
         "active_energy_import": 120053.4, "active_energy_export": 30.0}),
    "shelly-3em": ("shellies/shellyem3-68C6",
        {f"shellies/shellyem3-68C6/emeter/{phase}/{name}": value for phase in range(3) for name, value in
         {"power": "10.66", "pf": "0.57", "current": "0.08", "voltage": "232.06", "total": f"{phase}5.5",
          "total_returned": "0.0", "energy": "17"}.items()},
        {"active_power_l2": 10.66, "current_l3": 0.08, "voltage_l1_n": 232.06, "active_energy_import": 46.5,
         "active_energy_export": 0.0}),
    "shelly-pro-3em": ("shellypro3em-34",
        {"shellypro3em-34/status/em:0": EM, "shellypro3em-34/status/emdata:0": EMDATA},
        {"active_power_total": 715.5, "active_power_l2": -951.1, "voltage_l3_n": 236.402, "current_n": None,
         "frequency": 50.0, "active_energy_import": 96916.56, "active_energy_export_l2": 12.5}),
    "shelly-pro-3em-rpc": ("shellypro3em-34", {"shellypro3em-34/events/rpc": {
            "src": "shellypro3em-34", "dst": "shellypro3em-34/events", "method": "NotifyStatus",
            "params": {"ts": 1700557200.1, "em:0": EM}}},
        {"active_power_total": 715.5, "voltage_l3_n": 236.402, "apparent_power_total": 2619.9}),
    **{f"shelly-em1-channel-{n}": (f"shellyproem50-08/status/em1:{n}",
        {f"shellyproem50-08/status/em1:{n}": {"id": n, "current": 22.78, "voltage": 224.6, "act_power": 5080.3,
            "aprt_power": 5142.4, "pf": 0.99, "freq": 50.0, "calibration": "factory"},
         f"shellyproem50-08/status/em1data:{n}": {
            "id": n, "total_act_energy": 6644.90, "total_act_ret_energy": 2595.26}},
        {"active_power_total": 5080.3, "current_l1": 22.78, "frequency": 50.0, "active_energy_import": 6644.90,
         "active_energy_export": 2595.26}) for n in range(3)},
    "shelly-pm": ("shellyplus1pm-a8/status/switch:0", {"shellyplus1pm-a8/status/switch:0": {
            "id": 0, "source": "init", "output": True, "apower": 110.5, "voltage": 231.9, "current": 0.52, "pf": 0.92,
            "aenergy": {"total": 50982.125, "by_minute": [1830.1, 1829.0, 1831.2], "minute_ts": 1700557200},
            "temperature": {"tC": 49.1, "tF": 120.4}}},
        {"active_power_total": 110.5, "active_energy_import": 50982.125, "voltage_l1_n": 231.9}),
    "esphome-energy": ("pzem", {f"pzem/sensor/{name}/state": value for name, value in
         {"voltage": "230.1", "current": "1.052", "power": "240.6", "energy": "12.345", "frequency": "50.0",
          "power_factor": "nan"}.items()},
        {"voltage_l1_n": 230.1, "current_l1": 1.052, "active_power_total": 240.6, "active_energy_import": 12345.0,
         "frequency": 50.0, "power_factor_total": None}),
    "esphome-energy-3p": ("atm", {f"atm/sensor/{name}/state": value for name, value in
         {"voltage_l1": "230.1", "current_l2": "1.05", "power_l3": "-240.6", "energy_import": "12.345",
          "energy_export": "0.001"}.items()},
        {"voltage_l1_n": 230.1, "current_l2": 1.05, "active_power_l3": -240.6, "active_energy_import": 12345.0,
         "active_energy_export": 1.0}),
    "zigbee2mqtt-energy": ("zigbee2mqtt/kitchen/plug", {"zigbee2mqtt/kitchen/plug": {
            "current": 0.52, "energy": 3.21, "power": 110, "state": "ON", "voltage": 231, "linkquality": 120,
            "update": {"state": "idle"}, "power_outage_memory": None}},
        {"active_power_total": 110.0, "active_energy_import": 3210.0, "voltage_l1_n": 231.0, "current_l1": 0.52}),
    "zigbee2mqtt-energy-3p": ("zigbee2mqtt/main", {"zigbee2mqtt/main": {
            "ac_frequency": 50.01, "energy": 1543.21, "produced_energy": 12.0, "power": 110, "power_phase_b": -20,
            "power_phase_c": 3, "voltage": 231, "voltage_phase_b": 232.1, "voltage_phase_c": 230, "current": 0.5,
            "current_phase_b": 0.1, "current_phase_c": 0.02}},
        {"active_power_l1": 110.0, "active_power_l2": -20.0, "voltage_l2_n": 232.1, "frequency": 50.01,
         "active_energy_import": 1543210.0, "active_energy_export": 12000.0}),
    "generic-mqtt": ("house", {"house/power": "-12.5", "house/SENSOR": {"SML": {"Total_in": 8001.25, "Total_out": 5}}},
        {"active_power_total": -12.5, "active_energy_import": 8001250.0, "active_energy_export": 5000.0}),
}  # fmt: skip


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    made = Mosquitto(tmp_path_factory.mktemp("broker"))
    made.start()
    yield made
    made.stop()


def test_every_ready_model_is_tried_here() -> None:
    assert set(CASES) == {name for name in catalogue.names() if catalogue.load(name).protocol == "mqtt"}


@pytest.mark.parametrize("model", CASES)
def test_what_the_device_publishes_becomes_one_reading(broker: Mosquitto, model: str) -> None:
    topic, published, expected = CASES[model]
    listener = listener_of(LineSettings("broker", mqtt=f"127.0.0.1:{broker.port}"), ("m", model, topic))
    heard_within(listener, 0.3)
    device = Device(broker)
    for where, payload in published.items():
        device.publish(where, payload if isinstance(payload, str) else json.dumps(payload), qos=0)
    samples = heard_within(listener, 10, 1)
    device.close()
    listener.close()
    assert len(samples) == 1
    assert {name: samples[0].values.get(name, "absent") for name in expected} == expected
    assert set(samples[0].values) <= set(catalogue.load(model).quantities())
