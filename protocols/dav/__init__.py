"""WebDAV (RFC 4918 class 1, 2 and 3) over the actions of files. Order of dependency: headers, body, resources,
properties, errors, methods, endpoint, urls. Further prefixes of the same tree are made by other dialects
(endpoint.serve).
"""
