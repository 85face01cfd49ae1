"""The pages of a partner’s link."""
