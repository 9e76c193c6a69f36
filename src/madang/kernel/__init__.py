"""Django glue without domain: commands, journal, events, clock, files, keys.

`datadir`, `keys`, `clock` and `files` import no Django, so an office that has only spreadsheets can use them.
"""
