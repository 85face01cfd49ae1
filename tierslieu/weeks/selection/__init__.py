"""The team chooses among applications, side by side."""
