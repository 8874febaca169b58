"""Each person's first page: what waits for them today. It leans on every package below and owns nothing."""
