"""The reports as files: for spreadsheets, for programs, for the trackers of course teams."""
