"""Pure tools that know no domain and no database."""
