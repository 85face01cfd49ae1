"""What is written of a person who is followed, and who reads it."""
