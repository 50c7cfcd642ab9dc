"""A simulated Bot API server that behaves like the original, including its limits and errors."""
