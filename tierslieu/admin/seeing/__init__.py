"""The place as somebody sees it: looked at by an administrator, for a reason, for half an hour."""
