"""Benchmarks that anyone can run again: `make bench`, or `make bench BENCH="filing search --records 100000"`."""
