"""Instruments, waves, invitations, answers."""
