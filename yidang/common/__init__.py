"""Actor, clock, identifiers, errors, dates and digests: what every package speaks. Leans on nothing and holds no tables."""
