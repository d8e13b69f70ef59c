"""How well the structure analyser labels blocks that people have labelled."""
