"""Tests that span packages: architecture, journeys, browser, corpora. The harness they run in is tools/harness."""
