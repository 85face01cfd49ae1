"""Writing a path on the page: a draft, its steps and pools, publishing; files in and out."""
