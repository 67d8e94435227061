"""Reads meters that send Smart Message Language telegrams by themselves (SML 1.04, BSI TR-03109-1)."""
