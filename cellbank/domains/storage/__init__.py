"""Where things are: site → room → freezer → rack → box → place.

Glossary: a *container* is anything that holds others or vials: a freezer, a rack, a box, a cane, but also
a bench, a dry shipper, "in transit", the customer and the destruction bin. A *place* is a whole number from
1 in its container; what is printed (C5, 17) is derived from the container's layout. A *grid* has rows and
columns, a *stack* an order (a cane from its top), a *lot* only a count (a visotube with straws). A
*condition* is how cold it is there. An *occupant* is what domains above put at a place: a vial.

Invariants: a container stands in one parent or in one room, never both; two containers never share a place; a
moved container is one changed row (what is inside is found by walking parents, at most eight deep); what
a container admits is inherited downward; a blocked place takes nothing; moving between sites is a hand-over
and a take-over.
"""
