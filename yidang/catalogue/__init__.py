"""What is kept and how it is described: fonds, classes, metadata schemes, the retention schedule, records, codes.

Leans on the vault for bytes and on permissions for who may see what; knows nothing of how records arrive or are used.
"""
