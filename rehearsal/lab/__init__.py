"""The rehearsal's environment: an engine, images, simulated services and a bare host."""
