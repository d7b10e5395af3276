"""gunicorn as this product runs it: its configuration, its worker, and what it does with bodies, ends and logs.

What is used of gunicorn beyond its documented settings and hooks, here, in `http_kit/socket_body.py` and in
`dropbox_clone/admission/`, is named in tests/platform/web_server/test_internals.py, which fails first when a new
version changes it.
"""
