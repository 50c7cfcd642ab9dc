"""PostgreSQL, which holds the truth: its schema, connections and locks."""
