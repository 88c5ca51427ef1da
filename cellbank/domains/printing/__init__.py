"""Labels on paper and film: every print run, every label, and what became of it.

Glossary: a *label run* is one printing on one stock with one version of a template; a *label print* is one
label of it in the ledger; a *reprint* names the label that it replaces.

Invariants: printed = used + spoiled + void + destroyed + still in hand, label by label; a run is issued to
a fill lot; its first and last label are read back by a second person; unused labels are destroyed with a
witness.
"""
