"""PostgreSQL, the only memory that counts: its schema, connections and locks."""
