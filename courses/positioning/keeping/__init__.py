"""What somebody kept of their answers: their own pages of it."""
