"""Opening records: the record's page, page images with a visible watermark, originals under a right, all in the log.

Leans on the catalogue for what is shown, on permissions for who may, on digitisation for page images.
"""
