"""Progress that comes from elsewhere: grade reports read, matched to people, applied once."""
