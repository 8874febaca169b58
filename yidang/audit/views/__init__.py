"""The log's pages, for the audit administrator alone: entries and verification; checkpoints and witnesses."""
