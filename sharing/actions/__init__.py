"""Acts of sharing: each takes an actor first and owns one transaction."""
