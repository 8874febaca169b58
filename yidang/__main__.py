"""``python -m yidang``: the same as the command ``yidang``."""

from yidang.commands.main import main

main()
