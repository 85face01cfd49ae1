"""What a study found, for who researches: one page, and the same on paper."""
