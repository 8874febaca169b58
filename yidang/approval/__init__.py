"""Signing off: routes, cases, decisions that are signed and verifiable later, and delegation.

Leans on people for who holds which duty; knows what is decided only by a kind, a number and its presentation.
"""
