"""Draws pictures of seven-segment displays and trains the reader's network on nothing else; not needed at run time."""
