"""The story of anything, and the trail of everything.

Glossary
--------
event    one act: who, what, when (recorded and occurred), why, from where; done or refused
subject  a thing that an event is about
change   what an act did to one recorded row: the whole row, or before → after
story    all events about one thing, newest first
trail    all events, filtered by person, subject, act, time, organisation

Invariants
----------
* Nothing here writes. The database wrote the journal; this reads it.
* A reader sees the changes of rows that belong to their organisation or to the bank's shared places, nothing else.
"""
