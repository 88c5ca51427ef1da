"""The scan station: where codes are read and acts are done.

Glossary: a *station* is a screen with a scanner at a freezer, hood or bench; its *context* is the act going
on (take out, store, fill) and where; a *draft* is what was scanned and is not yet an event.

Invariants: an idle station clears its context, never a draft; the first scan after an idle clear is refused
loudly; removing a vial is committed at each scan, so a draft never hides a vial that has left its place.
"""
