"""The pages of docs/ that are written from the code: the error catalogue and the limits.

`python -m dropbox_clone.reference` writes them; `tests/documents` fails when a committed page differs from it.
"""
