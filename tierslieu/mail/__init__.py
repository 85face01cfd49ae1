"""The outbox, its sender, and how a message is rendered."""
