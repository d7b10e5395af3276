"""Open Collaboration Services, versions 1 and 2, as far as clients of files ask for them."""
