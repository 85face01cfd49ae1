"""Sign-up, as who runs the place sets it: open, or a closed pilot with its invitations."""
