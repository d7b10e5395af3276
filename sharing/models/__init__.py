"""The tables of sharing."""
