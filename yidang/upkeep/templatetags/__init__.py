"""Template tags: ``{% load upkeep %}``."""
