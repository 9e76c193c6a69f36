"""Pages of one's own: signing in, particulars and consents, organisations, what is waiting."""
