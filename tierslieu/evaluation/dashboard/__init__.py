"""The dashboard of the place: how far people come, who they are, who could not come."""
