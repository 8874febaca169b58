"""The hospital comes back: backups, restores, drills that show it, and a watch on the formats that are held.

Leans on the vault, the catalogue, intake and the log, and on restic for keeping, encrypting and deduplicating bytes.
"""
