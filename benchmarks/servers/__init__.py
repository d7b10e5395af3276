"""The servers under measurement, ours and its peers."""
