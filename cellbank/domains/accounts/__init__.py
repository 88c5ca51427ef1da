"""People: who they are, what they may do, and how they prove it.

Glossary: a *person* is a principal with a badge (*staff code*); a *role* says what a person may do, from a
day until a day; a *depositor* is a person of a company or hospital; an *inspector* reads, for a limited
time; the *responsible person* (مسئول فنی, Qualified Person) alone signs a release for clinical use. A
*device* is a station, a scanner or a printer that signs in by itself.

Invariants: a person's key is their principal's key; people are disabled, never deleted; a role is granted
and ended, never edited; no hash of a secret enters the journal, so credentials, sign-in sessions and tokens
are operational.
"""
