"""What the REST API of files gives: `render` makes it, `shapes` describe it for the schema (a test compares them)."""
