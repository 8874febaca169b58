"""Makes the files of the invented hospital: one paper can be written as PDF, Word, OFD, a scan and more."""
