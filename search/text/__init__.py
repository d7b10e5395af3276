"""From bytes to text, from text to words. Knows no tables."""
