"""A partner's word on a badge or an award, asked for and given by a secret link."""
