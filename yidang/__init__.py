"""Yidang 医档: a hospital's archive as software. The packages and their order stand in ARCHITECTURE.md."""
