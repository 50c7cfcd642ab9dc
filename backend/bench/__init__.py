"""Benchmarks of HN Pal's performance, each compared with a plain loop in the same run."""
