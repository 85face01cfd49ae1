"""Lists over everybody, made at night: whether a place needs them, and when each was made.

Up to :data:`LIVE` accounts a page judges everybody at the moment it is opened. A larger place would
keep whoever opens it waiting: there the worker judges everybody once a night and writes down whom a
page speaks of; the page says of when its list is, and judges again those it shows.

The rows of a list are the feature's own, each with the instant the list was made; only those of the
instant told here count, so that a list is changed for the next in one stroke.
"""
