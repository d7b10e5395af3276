"""gunicorn as this product runs it: its configuration, its worker, and what it does with connections, bodies, ends
and logs.

No other package knows gunicorn: the admission gate (`dropbox_clone/admission/`) has a connection of its own that
`connection` joins to gunicorn's, and `http_kit.body` reads from `socket_body` what the worker has made a method of
gunicorn's input. What is used of gunicorn beyond its documented settings and hooks is named, with the module that
uses it, in tests/platform/web_server/test_internals.py, which fails first when a new version changes it.
"""
