"""The team looks at who follows a path, and where each stands."""
