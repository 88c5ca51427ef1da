"""What can be asked about labels: print them, say what became of them, read them back."""

from cellbank.domains.printing.commands.printing import PrintLabels
from cellbank.domains.printing.commands.settling import Fate, FetchRun, MarkLabels, ReadBackRun, VoidRun

__all__ = ["Fate", "FetchRun", "MarkLabels", "PrintLabels", "ReadBackRun", "VoidRun"]
