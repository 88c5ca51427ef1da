"""Measurements: numbers, side by side with a baseline of the same run. Not tests."""
