"""How often: limits that hold across all processes and hosts of a place."""
