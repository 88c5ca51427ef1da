"""Lots of everything that touched the cells: media, sera, enzymes, matrices, vials, labels.

Glossary: a *material* is what a supplier sells under one catalogue number; a *material lot* is one lot of
it here.

Invariants: materials are the bank's; a lot is unique for its material; which cultures, fill lots and runs
saw a lot is written by the domain of those things, so "which vials saw serum lot X?" is a query upward from
here.
"""
