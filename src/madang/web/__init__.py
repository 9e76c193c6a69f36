"""Pages for people: one folder per audience, and the shell they share (base template, parts, style sheet)."""
