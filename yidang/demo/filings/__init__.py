"""Kinds of papers that a hospital files, one module for each line of its work; each makes submissions without end."""
