"""From a file to the answer of a download, for every door: conditions, then ranges, then bytes."""
