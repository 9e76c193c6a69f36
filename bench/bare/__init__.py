"""The smallest Django app that takes an application (`bench/README.md`)."""
