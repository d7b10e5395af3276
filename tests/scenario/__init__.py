"""One story of a person and a tree, told through every door: what happens does not depend on the door."""
