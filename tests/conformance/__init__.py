"""One suite for every storage backend; the S3 servers are real ones that the tests start."""
