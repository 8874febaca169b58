"""Moving an embedded installation to the large one: rows, bytes and keys, compared one by one, resumable anywhere.

Nothing is kept of how far it got but what has arrived: each part begins by looking what is there already, so a move that
was killed goes on by being started again. It leans on the vault, the log and the catalogue.
"""
