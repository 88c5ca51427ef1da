"""What every read and every write passes through; knows no domain. Start reading at :mod:`cellbank.core.work`."""
