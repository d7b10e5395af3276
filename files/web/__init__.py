"""The HTML door: each view parses, acts through one action or query, and renders."""
