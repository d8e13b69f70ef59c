"""Fits the small models that ship with the project, on public training data only."""
