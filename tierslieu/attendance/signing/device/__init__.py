"""The sign-in page on the facilitator's phone, which goes on without network."""
