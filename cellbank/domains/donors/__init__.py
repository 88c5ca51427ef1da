"""Donors and their donations: where cells come from, and what was consented to.

Glossary: a *donor* is a code, never a name; a *donation* is one collection of tissue from one or several
donors (pooled), and eligibility is decided for the donation, not for the person; a *consent* is one version
of a form with its scopes; a *withdrawal* ends it with one of three effects. "Not tested" is never
"negative".

Invariants: no table here can hold a name or a national code; an unknown donor is said to be unknown, with
reason and source, and there are no dummy donors; consents and results are added, never edited; withdrawal
does not delete: it places holds and asks for destruction.
"""
