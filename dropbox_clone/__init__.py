"""Composition root: settings, doors, processes. It may import everything; nothing imports it."""
