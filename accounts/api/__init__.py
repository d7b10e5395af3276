"""The REST API of accounts: parse, one action or query, render."""
