"""What belongs together: texts that say the same (`duplicates`), read from the same lines of documents."""
