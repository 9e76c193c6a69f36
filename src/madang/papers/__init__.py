"""Papers: a folder of spreadsheets in, reports out. No Django, no database.

`folder.read` makes a `Case` of a folder; `templates.write_empty` writes the empty tables of a definition;
`samples` invents material for trying a definition out. Formats: `docs/formats/folder.md`.
"""
