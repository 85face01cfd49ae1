"""Writing a path’s questions on the page: a draft, then a version that everybody answers."""
