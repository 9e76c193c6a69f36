"""Backups while the platform runs, and their way back, proven by comparing (`docs/guides/running.md`).

`files/` of a folder of backups is shared by all that lie in it: a file that is there already is not copied again. The
files are copied first, then the database, then the files that came meanwhile: whatever the database names was kept
before its row was written, so it is in. A backup appears whole, under its moment in UTC, or not at all.
"""
