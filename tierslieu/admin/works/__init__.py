"""What the place does by itself: its periodic jobs, what waits, the mails that do not leave."""
