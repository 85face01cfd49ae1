"""Credentials for machines: the W3C VC-API, issued as the place and verified for anybody's."""
