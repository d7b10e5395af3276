"""What `make test` and `make test-all` run: groups of tests, side by side where they do not disturb each other.

groups.py is the table; docs/testing.md explains it.
"""
