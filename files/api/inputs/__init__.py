"""What the REST API of files takes: plain values with their limits, checked before anything is asked of the core."""
