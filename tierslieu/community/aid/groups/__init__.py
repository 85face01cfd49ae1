"""Who is in which group, under which name and rules; the forum beside it."""
