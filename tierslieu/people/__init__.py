"""Accounts, roles, profiles, consents."""
