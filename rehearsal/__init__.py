"""The outside world and the host, simulated well enough to prove HN Pal against."""
