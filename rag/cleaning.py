"""Takes out of a model's stream what is not meant for readers: thinking, control tokens.

Works piece by piece: text that may turn out to be the beginning of a mark is held back until it is
known. Knows nothing of sentences and documents.
"""

import re
from collections.abc import Sequence

# Names of the roles that chat templates put behind the mark that opens a turn.
_ROLES = r"(?:\s?(?:assistant|user|system|model|developer|human)\b)?"
# Spelled-out ends of a turn end the answer, and so does the opening of the next one: what follows
# is a made-up conversation. ChatML, Llama 2 to 4, Gemma, Phi, Zephyr, Granite, Cohere, DeepSeek.
_ENDS = (
    r"<[|｜](?:im_end|eot_id|eot|end|endoftext|end_of_text|end▁of▁sentence|return|eom_id|eom|call|"
    r"END_OF_TURN_TOKEN)[|｜]>|<turn\|>|</s>|\[/s\]|<end_of_turn>|<end_of_utterance>|<eos>|<EOT>"
)
_OPENS = (
    r"<[|｜](?:im_start|start_header_id|start_of_role|user|User|START_OF_TURN_TOKEN)[|｜]>|"
    r"<\|turn>|<start_of_turn>|\[INST\]"
)
# A base model without turns goes on with the next question in plain words.
_NEXT = r"\n[ \t]*(?:\*\*)?(?:user|human|question|q|passages)(?:\*\*)?[ \t]*:"
_END = re.compile(rf"{_ENDS}|(?:{_OPENS}){_ROLES}|(?i:{_NEXT})")
_CONTROL = re.compile(
    rf"{_ENDS}|(?:{_OPENS}|<[|｜][^<>|｜]{{1,40}}[|｜]>|<\|[a-z_]{{1,20}}>){_ROLES}|<[a-z_]{{1,20}}\|>|"
    r"<s>|\[/?INST\]|<(?:bos|pad|unk)>"
)
_UNFINISHED = re.compile(
    r"(?:<(?:[|｜/A-Za-z][^<>\n]{0,48})?|"
    r"(?:<[|｜][^<>|｜]{1,40}[|｜]>|<\|[a-z_]{1,20}>|<start_of_turn>|\[INST\])\s?[a-z]{0,10}|"
    r"\[(?:/?(?:I(?:N(?:ST?)?)?)?|/s)|\x1b(?:\[[0-9;?]{0,20})?|\n[ \t]*\*{0,2}[A-Za-z]{0,8}\*{0,2}[ \t]*)\Z"
)
# What would change how a terminal or a page shows the text: control and direction characters.
_UNPRINTABLE = re.compile(
    r"\x1b\[[0-9;?]{0,20}[A-Za-z]|"
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)


class Cleaner:
    """Takes thinking text and control tokens out of a stream.

    Args:
        strip: (start, end) marks of thinking text; case does not matter.

    Attributes:
        restarted: all text so far was thinking after all: its end mark came without a start, as
            happens where the chat template has opened the thinking already.
        ended: the model has spelled out the end of its turn; nothing more is to be shown.
    """

    def __init__(self, strip: Sequence[tuple[str, str]]) -> None:
        self._ends = {start.lower(): end.lower() for start, end in strip}
        marks = {*self._ends, *self._ends.values()}
        self._longest = max(map(len, marks), default=0)
        self._marks = tuple(marks)
        # The longest first: one mark may begin like another.
        ordered = sorted(marks, key=len, reverse=True)
        self._mark = re.compile("|".join(map(re.escape, ordered)) or r"(?!)", re.I)
        self._held = ""
        self._inside: str | None = None
        self._begun = False
        self.restarted = False
        self.ended = False

    @property
    def thinking(self) -> bool:
        """Whether the model is between the marks of its thinking."""
        return self._inside is not None

    def feed(self, piece: str) -> str:
        """Text that can be shown now."""
        self.restarted = False
        self._held += piece
        ready = self._without_thoughts()
        if self._inside is None and not self.ended:
            keep = self._undecided()
            cut = len(self._held) - keep
            ready, self._held = ready + self._held[:cut], self._held[cut:]
        return self._without_control(ready)

    def finish(self) -> str:
        """What was held back; thinking that was never ended is not shown."""
        rest, self._held = self._held, ""
        return "" if self.thinking or self.ended else self._without_control(rest)

    def _without_thoughts(self) -> str:
        ready = ""
        while True:
            if self._inside is not None:
                closed = re.search(re.escape(self._inside), self._held, re.I)
                if closed is None:
                    self._held = self._held[-self._longest :]
                    return ready
                self._held = self._held[closed.end() :]
                self._inside = None
            found = self._mark.search(self._held)
            end = self._end_of_turn(ready)
            if end is not None and (found is None or end < found.start()):
                ready, self._held, self.ended = ready + self._held[:end], "", True
                return ready
            if found is None:
                return ready
            mark = found.group().lower()
            before, self._held = self._held[: found.start()], self._held[found.end() :]
            if mark in self._ends:
                ready += before
                self._inside = self._ends[mark]
            else:
                ready, self.restarted, self._begun = "", True, False

    def _undecided(self) -> int:
        """How many characters at the end may be the beginning of a mark."""
        unfinished = _UNFINISHED.search(self._held)
        longest = len(unfinished.group()) if unfinished else 0
        tail = self._held[-self._longest :].lower() if self._longest else ""
        for size in range(len(tail), longest, -1):
            if any(len(mark) > size and mark.startswith(tail[-size:]) for mark in self._marks):
                return size
        return longest

    def _end_of_turn(self, ready: str) -> int | None:
        """Where in the held text the turn ends; an end in front of all words is no end."""
        for match in _END.finditer(self._held):
            if self._begun or _printable(ready + self._held[: match.start()]).strip():
                return match.start()
        return None

    def _without_control(self, text: str) -> str:
        text = _printable(text)
        self._begun = self._begun or bool(text.strip())
        return text


def _printable(text: str) -> str:
    return _UNPRINTABLE.sub("", _CONTROL.sub("", text))
