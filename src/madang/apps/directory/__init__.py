"""Organisations of every kind, one identity each, and who belongs to them with which duties."""
