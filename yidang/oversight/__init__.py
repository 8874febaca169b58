"""What is out of the ordinary in the use of records, and which rights nobody confirms or uses: seen, judged, ended.

Leans on access for who opened what, on permissions and people for rights, on jobs for watching without being asked.
"""
