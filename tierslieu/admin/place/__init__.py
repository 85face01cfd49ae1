"""What the place says of itself, as who runs it changes it."""
