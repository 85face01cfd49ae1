"""Access keys for scripts: bearer tokens with scopes, made in one's account."""
