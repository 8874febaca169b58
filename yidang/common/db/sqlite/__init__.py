"""SQLite with one fair queue for writers."""
