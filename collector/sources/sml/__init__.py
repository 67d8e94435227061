"""Hears meters that speak the Smart Message Language (BSI TR-03109-1, annex IV)."""
