"""Banks: one lot of one line at one tier, filled and frozen.

Glossary: *seed, master, working, end of production, distribution* are the tiers. A *fill lot* is one
filling: planned for n vials, whose numbers and labels exist before anything is filled. A *freeze run* is
one run of a device or one isopropanol box; a bank may need several, and a failed run condemns only its own
vials. The *floor stock* is what must stay; the last vials need a manager.

Invariants: tiers never go up; the passage at harvest, the passage printed and the house rule then in force
are kept as they were, for rules change and printed numbers do not; plan, label, fill, freeze and store are
separate acts.
"""
