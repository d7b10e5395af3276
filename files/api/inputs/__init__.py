"""What the REST door of files takes: plain values with their limits, checked before anything is asked of the core."""
