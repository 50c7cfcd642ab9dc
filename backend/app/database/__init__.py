"""PostgreSQL: its schema, connections and locks."""
