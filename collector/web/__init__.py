"""Shows what the logger knows: rooms for people and an API for programs, over the store and the uncommitted batch."""
