"""Keeps readings in a database; the only room that knows SQL: MariaDB and SQLite behind one interface."""
