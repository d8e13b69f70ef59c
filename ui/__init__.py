"""The command line and the page. Decides nothing."""
