"""Studies: what a researcher evaluates, whom it asks and when, what people agree to."""
