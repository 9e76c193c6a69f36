"""People: their accounts, languages and time zones, what they consented to, and the roles they hold."""
