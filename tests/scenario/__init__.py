"""One story of a person and a tree, told through every endpoint: what happens does not depend on the endpoint."""
