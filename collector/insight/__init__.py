"""Computes what stored series mean: energy and cost, and whatever else is a calculation; knows no database."""
