"""What quality decides: a bank released or rejected, spans of the journal reviewed, an inspector's scope.

Glossary: a *decision* judges one bank dossier and stands on a release or a hold; a *review* looks at a span
of the journal; the *scope* of an inspector lists banks or lines.

Invariants: a decision is added, never edited; nobody reviews their own acts; a decision without signature
says so.
"""
