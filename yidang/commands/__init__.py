"""The command line: parse, one call, print. Leans on every package and holds no rules of its own."""
