"""One account, as who runs the place may change it."""
