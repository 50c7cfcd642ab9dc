"""The production path on one machine: hosts, deployments, faults, and the report."""
