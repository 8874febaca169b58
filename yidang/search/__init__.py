"""Finding: the index of descriptions and page texts, its one writer, and the question that every search asks of it.

Leans on the catalogue for records and their change feed, and on permissions for who reaches what.
"""
