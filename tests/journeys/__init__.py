"""Journeys through a running server."""
