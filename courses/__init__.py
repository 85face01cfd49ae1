"""What is learnt: the catalogue of paths, who follows them, how far they are, what to mend in them."""
