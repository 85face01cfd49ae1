"""The public check of a credential."""
