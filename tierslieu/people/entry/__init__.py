"""Who may make an account: everybody, or in a closed pilot whoever was invited, until a day."""
