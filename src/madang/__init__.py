"""Madang: run a smart-city programme from the open call to the measured result."""

__version__ = "0.1.0"
