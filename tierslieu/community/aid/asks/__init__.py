"""Asking for help, answering, thanking, closing."""
