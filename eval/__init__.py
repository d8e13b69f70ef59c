"""Question sets, metrics, runner and report. Not needed to answer."""
