"""Filters for the pages of people."""
