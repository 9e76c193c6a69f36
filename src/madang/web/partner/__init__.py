"""Pages of partners, who hand papers over by a link of their own and have no account."""
