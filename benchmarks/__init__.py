"""Measures this product and its peers on this machine: `make bench`."""
