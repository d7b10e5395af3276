"""Composition root: settings, endpoints, processes. It may import everything; nothing imports it."""
