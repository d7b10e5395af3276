"""REST endpoints of sharing."""
