"""Plans as they are read: one's past ones, and those that are shown to the team."""
