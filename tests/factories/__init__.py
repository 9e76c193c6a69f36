"""Builders of small real things, by room. They call the real commands."""
