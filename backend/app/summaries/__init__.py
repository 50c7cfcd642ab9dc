"""Summaries of stories and their discussions, made once for all readers of a style."""
