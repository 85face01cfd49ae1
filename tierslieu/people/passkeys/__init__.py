"""Passkeys (WebAuthn): keys that a person's devices keep, and that open the account alone."""
