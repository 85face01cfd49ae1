"""The second factor: who needs one, and that nobody of them goes without."""
