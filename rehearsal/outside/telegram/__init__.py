"""A Bot API server that behaves like the original, its limits and failures included."""
