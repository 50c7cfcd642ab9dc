"""Where a rehearsal happens: an engine, images, the outside world's processes and a bare host."""
