"""What commands can be told: options as typed groups, and what their values may be."""
