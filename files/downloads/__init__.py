"""From a file to the answer of a download, for every endpoint: conditions, then ranges, then bytes."""
