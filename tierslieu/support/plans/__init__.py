"""A person's plan: aims, steps with dates, checklists towards a diploma, agreed with the team."""
