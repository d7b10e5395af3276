"""Formats of many small files in one body. Each parser yields `Part`s from bytes in memory, in order."""
