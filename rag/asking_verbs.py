"""Forms of verbs by which statements become questions: few, since a wrong form is worse than none."""

import re

# Base, past and participle; where one is left out it is the one before it.
_VERBS = """
account accounted/ accuse accused/ acquire acquired/ add added/ admit admitted/ adopt adopted/
affect affected/ agree agreed/ aim aimed/ allocate allocated/ announce announced/ approve approved/
argue argued/ ask asked/ attend attended/ attract attracted/ award awarded/ ban banned/ beat beat
beaten/ become became become/ begin began begun/ block blocked/ book booked/ borrow borrowed/ bring
brought/ build built/ buy bought/ call called/ cancel cancelled/ carry carried/ cause caused/ change
changed/ charge charged/ choose chose chosen/ claim claimed/ close closed/ collect collected/
commission commissioned/ complete completed/ consume consumed/ contain contained/ contribute
contributed/ cost cost/ cover covered/ create created/ cut cut/ decide decided/ defeat defeated/
delay delayed/ deliver delivered/ demand demanded/ deny denied/ describe described/ design designed/
develop developed/ direct directed/ discover discovered/ donate donated/ draw drew drawn/ earn
earned/ elect elected/ employ employed/ end ended/ enter entered/ establish established/ exceed
exceeded/ expand expanded/ expect expected/ export exported/ fall fell fallen/ fine fined/ finance
financed/ find found/ fire fired/ finish finished/ form formed/ found founded/ fund funded/ gain
gained/ get got/ give gave given/ grant granted/ grow grew grown/ happen happened/ have had/ hire
hired/ hold held/ host hosted/ identify identified/ import imported/ impose imposed/ include
included/ increase increased/ install installed/ introduce introduced/ invent invented/ invest
invested/ invite invited/ issue issued/ join joined/ keep kept/ launch launched/ lead led/ leave
left/ lend lent/ lift lifted/ list listed/ lose lost/ make made/ manage managed/ meet met/ merge
merged/ move moved/ name named/ need needed/ notify notified/ offer offered/ open opened/ order
ordered/ own owned/ pass passed/ pay paid/ place placed/ plan planned/ pledge pledged/ produce
produced/ promise promised/ propose proposed/ provide provided/ publish published/ raise raised/
reach reached/ receive received/ recommend recommended/ record recorded/ recruit recruited/ reduce
reduced/ reject rejected/ release released/ remove removed/ repeal repealed/ replace replaced/
report reported/ require required/ rescind rescinded/ retire retired/ reveal revealed/ revise
revised/ revoke revoked/ rule ruled/ run ran run/ say said/ sell sold/ send sent/ set set/ settle
settled/ shift shifted/ show showed shown/ sign signed/ spend spent/ start started/ stop stopped/
study studied/ submit submitted/ sue sued/ supply supplied/ suspend suspended/ take took taken/
teach taught/ tell told/ test tested/ tighten tightened/ train trained/ treat treated/ unveil
unveiled/ update updated/ use used/ visit visited/ vote voted/ warn warned/ win won/ withdraw
withdrew withdrawn/ write wrote written/
"""
_FORMS = [entry.split() for entry in _VERBS.replace("\n", " ").split("/") if entry.strip()]
BASE_OF_PAST = {past: base for base, past, *_ in _FORMS}
PARTICIPLES = frozenset(rest[-1] if rest else past for _, past, *rest in _FORMS)
PAST = frozenset(BASE_OF_PAST)
_NO_PASSIVE = frozenset("had become fallen happened said gone".split())
PASSIVE = PARTICIPLES - _NO_PASSIVE
"""Participles that stand behind "was"."""

_IRREGULAR_PRESENT = {"have": "has", "do": "does", "go": "goes"}


def _present(base: str) -> str:
    if base in _IRREGULAR_PRESENT:
        return _IRREGULAR_PRESENT[base]
    if re.search(r"(?:s|x|z|ch|sh)$", base):
        return base + "es"
    return re.sub(r"(?<=[^aeiou])y$", "ie", base) + "s"


PRESENT = frozenset(_present(base) for base in BASE_OF_PAST.values())
"""Third person singular: "directs"."""
