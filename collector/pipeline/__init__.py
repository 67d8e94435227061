"""Judges what a meter said, gives it its time and keeps it until the store has it; pure except spool and time sources."""
