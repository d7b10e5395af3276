"""Template tags of the HTML door."""
