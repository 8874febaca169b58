"""Who may see which records: rules as row filters, grants, care relationships, and the explanation of each answer.

Leans on people for departments and duties; knows records only by the names of their permission columns.
"""
