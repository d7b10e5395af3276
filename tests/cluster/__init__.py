"""Several replicas behind the real HAProxy, with the real PostgreSQL, Redis, broker and object store."""
