"""What this server says of itself in the answer to OPTIONS, and words of the protocol."""

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,creation-defer-length,termination,checksum,expiration,concatenation"
CHECKSUMS = ("sha1", "md5", "sha256")
PIECE = "application/offset+octet-stream"
PROTOCOL = "tus"  # uploads of this endpoint are not those of REST
PREFIX = "/tus/"
