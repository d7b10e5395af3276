"""How the index follows the tree: journal lines (following), trees that changed as a whole (visits), what was left
behind (leftovers). All of it can be stopped at any moment and goes on where it was.
"""
