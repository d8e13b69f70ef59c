"""What each block of a document is: found by rules that can be read, never assumed.

Flat text has no tags, and pages carry menus, players and teasers around their text. The analyser
labels every block with a reason, finds title, date and speakers where they stand, and drops
nothing. It knows nothing about files or passages.
"""

from index.structure.analyser import analyse
from index.structure.carry import Carry, carry_after

__all__ = ["Carry", "analyse", "carry_after"]
