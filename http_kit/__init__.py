"""What every endpoint needs of HTTP: bodies, parameters, checksum headers, problem details, pages of rows, long polls.

It lies below all endpoints and knows no file: REST, pages, WebDAV, Nextcloud's and tus' dialects all use it.
"""
