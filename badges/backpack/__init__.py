"""What holders do with their badges: show, carry away, bring in, put together."""
