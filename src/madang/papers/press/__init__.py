"""A press report: its text proposed and filled, its tables, and the files that go out (`docs/formats/press.md`)."""
