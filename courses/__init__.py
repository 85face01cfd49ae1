"""What is learnt: the catalogue, who follows it, how far they are, what to mend in it."""
