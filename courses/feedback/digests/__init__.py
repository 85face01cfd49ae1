"""What the team of a course is told each week, at which addresses, and how they leave."""
