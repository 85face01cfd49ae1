"""Questionnaires as XLSForm files (xlsform.org), which other tools write and read."""
