"""Each person's first page: what waits for them today. It gathers from every package below and owns nothing."""
