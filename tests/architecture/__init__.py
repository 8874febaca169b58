"""The shape of the house as tests: packages, pages, settings, templates, dependencies."""
