"""Saying on which steps one helps, when and how."""
