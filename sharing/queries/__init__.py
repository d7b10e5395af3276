"""Questions of sharing: they take no lock and change nothing."""
