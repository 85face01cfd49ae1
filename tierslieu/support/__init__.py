"""Somebody who follows you: appointments, and notes at three levels."""
