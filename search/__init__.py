"""Finding files by name and by what is written in them; see search/queries.py."""
