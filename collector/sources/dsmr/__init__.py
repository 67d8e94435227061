"""Hears the P1 port of Dutch, Belgian, Swedish, Hungarian, Luxembourg and other meters (DSMR P1 companion standard)."""
