"""The language model: its budget, its client, and the outcomes of a call."""
