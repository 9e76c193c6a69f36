"""The decision record: built from a decision (`seal`), read back (`read`), checked by anybody (`verify`).

Nothing is imported here, so that reading a record does not load what verifying one needs.
"""
