"""The command line: parse arguments, call a function, print. Nothing is decided here."""
