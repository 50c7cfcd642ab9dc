"""The operator's part: alerts, status, broadcasts."""
