"""What was received for a call, batch by batch."""
