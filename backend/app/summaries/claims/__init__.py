"""Checks whether the source supports what a model wrote."""
