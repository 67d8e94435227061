"""Hears meters that publish their values at an MQTT broker (OASIS MQTT 3.1.1); never publishes anything."""
