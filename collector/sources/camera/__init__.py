"""Reads meters that have no port: asks the camera service what the display shows, believes what can be."""
