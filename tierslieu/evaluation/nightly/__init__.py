"""Figures that weigh everybody: made at night, kept with their date, made anew when asked for."""
