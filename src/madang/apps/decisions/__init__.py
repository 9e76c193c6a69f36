"""Sealed decisions of calls, with their records and papers."""
