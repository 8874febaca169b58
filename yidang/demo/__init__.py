"""Fills an empty data folder with an invented hospital 仁和医院: its people, its records, real files of every format.

It leans on every other package through the same doors that people and programs use, so that what it makes is what they would make.
"""
