"""cellbank: the inventory and traceability system of a cell bank."""

__version__ = "0.1.0"
