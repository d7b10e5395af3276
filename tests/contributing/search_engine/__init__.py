"""The example of docs/contributing/add_a_search_engine.md."""
