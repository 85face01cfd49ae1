"""Where a person is signed in, and how long that lasts."""
