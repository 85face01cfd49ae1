"""A series, for those who book it or change it as a whole."""
