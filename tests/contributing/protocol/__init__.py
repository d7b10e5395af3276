"""The example of docs/contributing/add_a_protocol.md."""
