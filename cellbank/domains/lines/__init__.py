"""Lines and cultures: what the cells are, and the things that grow.

Glossary: a *line* is an identity; a sub-clone is a line of its own with a parent. Its *custodian* keeps the
records (the owner of a vial may be another). *Passage* is a number, a *culture* is a thing: vessels in an
incubator, with parents and amounts. p12+3 reads "banked at passage 12, three since the thaw". *Cumulative
population doublings* (cpd) are kept in thousandths, where counts exist.

Invariants: an unknown passage is unknown, never 0; a depositor's own wording is kept verbatim; each line
chooses its limiting measure, soft and hard, and its house rule for counting passages; a line without known
donation says why and who says so.
"""
