"""Vials: each one, where it is, what became of it, and whether it may be used.

Glossary: a *vial* is known by lot and number (MCB-0042-017), fixed once printed. A *label code* is one
printed label and resolves to its vial; a reprint is a new code and voids the old. A *placement* is a stay
at a place; the open one is the vial's home, which stays reserved while the vial is *out*. A *thaw* takes a
vial for good; its outcome is known later, at the hood. A *release* says what a bank or vial may be used
for; a *hold* forbids use until it is lifted. *Missing* is under investigation; *written off* is signed for.

Invariants: one vial a place, one open placement a vial; a vial is thawed once; a gone vial has a
disposition, no other vial has one; several holds stand side by side and lifting one lifts only that one;
facts are never refused (they become exceptions that open a hold), intentions are; planned = not filled +
filled, and filled = everything that became of the vials; the owner is a dated row for each vial and may
differ from its bank's.
"""
