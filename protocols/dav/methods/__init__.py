"""The methods, a few a module: each takes a Call and returns an answer."""
