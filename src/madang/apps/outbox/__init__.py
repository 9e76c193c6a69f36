"""The office's desk for mail: read, hold, edit, release, send again; announcements to many; what comes back."""
