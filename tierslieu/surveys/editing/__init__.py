"""Questionnaires written on the page: drafts, versions, the maps between them."""
