"""Wiring only: settings, addresses, server entry points. Holds no rules of its own."""
