"""Data exports: queued, made by a separate process, and sent by reference."""
