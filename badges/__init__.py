"""What is attested: badge classes, awards, and the check anybody can make."""
