"""The REST door of accounts: parse, one action or query, render."""
