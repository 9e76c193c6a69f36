"""Pure decisions: frozen problems in, frozen results out.

No Django, clock, files, environment, database or global chance in here; an import contract and a test hold that.
"""
