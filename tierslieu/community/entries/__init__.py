"""What both bases share: who sees an entry, its files, its moderation."""
