"""Applications that came outside: tables as somebody else wrote them, and a ZIP or folder of files beside them.

`archive` lists what was handed in and finds the tables, `columns` says which column each title means, `reading` reads
the rows or names every fault, `matching` gives each file to its application, `comparing` says what differs. No Django.
"""
