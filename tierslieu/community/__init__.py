"""What people share: a base of contents, a base of events, and the pilots that keep some apart."""
