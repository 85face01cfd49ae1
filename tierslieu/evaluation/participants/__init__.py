"""What studies are for those who take part: proposed, agreed to, left, and where data went."""
