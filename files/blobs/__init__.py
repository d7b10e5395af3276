"""From bytes to Contents and back. Knows storage and the rows of bytes; nothing of the tree."""
