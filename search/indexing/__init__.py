"""How the index follows the tree: journal lines (following), trees that changed as a whole (folder_queue),
what was left behind (sweeping). All of it can be stopped at any moment and continues where it was.
"""
