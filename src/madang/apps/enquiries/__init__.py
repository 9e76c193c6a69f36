"""Questions about a call, their public answers, contacts, and briefing sessions."""
