"""Programmes, calls, and the versions of their definitions."""
