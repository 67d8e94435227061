"""Hears meters that send datagrams by themselves."""
