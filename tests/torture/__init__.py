"""The attack suite: the real program, killed, starved, lied to by its disk and damaged, on a data folder of its own.

`make torture` runs the long form, `make check` a sample; docs/developer/torture.md tells what each attack does.
"""
