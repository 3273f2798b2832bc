"""What commands print: reports, progress, announcements, JSON."""
