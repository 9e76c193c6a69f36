"""The nouns of the house, one room each, with the same file names in every room:

`enums models rules queries commands events` (what a room does not need, it does not have). Order, left to right:
`calls applications decisions`. Each imports only to its left, and speaks to its right by an event after commit.
"""
