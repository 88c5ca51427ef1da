"""Instruments that touched the cells: incubators, hoods, freezers, cooling devices and their programmes.

Glossary: a *programme* is one version of a cooling curve; a *calibration* holds until its due date.

Invariants: equipment is the bank's; a calibration is a row, the newest says when the next is due; a
programme's version never changes, a new curve is a new version.
"""
