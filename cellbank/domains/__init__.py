"""The lab: one folder a domain."""
