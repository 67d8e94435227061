"""Forecasts a quantity hour by hour by Holt-Winters with a daily and a weekly season, and says how sure it is."""
