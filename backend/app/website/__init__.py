"""A small static website of the exported days, with feeds and a search."""
