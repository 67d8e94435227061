"""Notices when a quantity leaves what is usual for it, for how long, by how much, and what that looks like."""
