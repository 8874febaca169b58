"""Keeping the program well: what is not well and its remedy, figures for people and for monitors, a bundle for support.

Leans on every package whose state it tells, and changes nothing of theirs.
"""
