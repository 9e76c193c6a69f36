"""Pages of those who apply: drafts, the form, colleagues, questions."""
