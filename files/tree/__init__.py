"""What actions do to a tree, under its space's lock. Only `files.actions` imports this package."""
