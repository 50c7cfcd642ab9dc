"""What is left of a rehearsal: a table for the terminal, JSON for programs, a page for people."""
