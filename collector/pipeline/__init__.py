"""Judges what a meter said, gives it its time and keeps it until the store has it; pure but for spool and clocks."""
