"""Pages, forms and drawings: how the bank looks. Knows no domain and no database."""
