"""Packages that are kept: asked for, built by the worker, never changed, each download noted."""
