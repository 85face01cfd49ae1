"""What a facilitator keeps for others: opening slots, closing them, saying how it went."""
