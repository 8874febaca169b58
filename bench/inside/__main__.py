"""`python -m bench.inside NAME NUMBER`: set Yidang up in this process, then run a part."""

import importlib
import sys

import django

if __name__ == "__main__":
    django.setup()
    importlib.import_module(f"bench.inside.{sys.argv[1]}").main(int(sys.argv[2]))
