"""The agenda as pages: the list, a month, a week, a day, and what other sites may show of it."""
