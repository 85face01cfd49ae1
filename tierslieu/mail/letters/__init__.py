"""Every mail the place can send: its name, when it goes, to whom, and a sample of it."""
