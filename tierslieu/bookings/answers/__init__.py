"""What one does with a booking one has."""
