"""Half-days noted under an address before it had an account: found again by whoever proves it."""
