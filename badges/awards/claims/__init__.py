"""Awards that wait at an address until its person opens an account, or refuses them."""
