"""Two accounts of one person become one, and nothing of either is lost."""
