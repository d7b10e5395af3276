"""The HTML endpoint: each view parses, acts through one action or query, and renders."""
