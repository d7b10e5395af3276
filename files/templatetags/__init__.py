"""Template tags of the HTML endpoint."""
