"""The rooms, when they are open, and what the team sets for the whole agenda."""
