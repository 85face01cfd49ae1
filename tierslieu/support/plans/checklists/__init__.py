"""What the team keeps for plans: the aims one chooses from, the checklists of diplomas."""
