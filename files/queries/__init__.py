"""Questions about the tree. They take the actor first, check rights, take no lock and change nothing."""
