"""Tests of formats: each reader, the cage around it, and files made to break both."""
