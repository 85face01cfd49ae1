"""Who applies for a week, and who is chosen."""
