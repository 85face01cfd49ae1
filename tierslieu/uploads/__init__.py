"""Files people hand in, kept outside the web root."""
