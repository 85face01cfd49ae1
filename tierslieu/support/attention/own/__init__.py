"""What a person sees of attention: the rules, whether they speak of them, what was noted."""
