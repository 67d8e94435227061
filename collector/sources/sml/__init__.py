"""Understands SML, which German meters send by themselves (BSI TR-03109-1, annex IV: Smart Message Language 1.04)."""
