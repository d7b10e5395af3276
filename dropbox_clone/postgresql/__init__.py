"""Django's PostgreSQL backend with a pool of connections in each process."""
