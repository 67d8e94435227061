"""Shows what the logger knows: three pages and a JSON API over the store and the uncommitted batch; read-only."""
