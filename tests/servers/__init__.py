"""Real servers that tests start for themselves, on free ports of the loopback interface."""
