"""Measurements of what the app promises, each against a plain loop in the same run."""
