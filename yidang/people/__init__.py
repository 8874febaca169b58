"""Users, departments and their history, duties, the three separated administrators, sign-in and API clients.

Leans on audit and common; knows no records.
"""
