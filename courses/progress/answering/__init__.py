"""Answering what people declare, one line after the other."""
