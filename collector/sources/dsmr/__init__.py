"""Hears the customer port P1 of Dutch, Belgian, Swedish, Hungarian, Irish and Luxembourgish meters (DSMR)."""
