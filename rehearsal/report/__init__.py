"""What is left of a rehearsal: a table for the terminal, JSON for programs, a page for people."""

from rehearsal.report.write import write_reports

__all__ = ["write_reports"]
