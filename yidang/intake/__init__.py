"""The one door through which records arrive: submissions, checks, quarantine, receipts, acceptance.

Leans on the catalogue for description and codes, on the vault for bytes and on formats for opening foreign files safely.
"""
