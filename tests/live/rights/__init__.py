"""Rights at the moment of the act, against the product as real processes."""
