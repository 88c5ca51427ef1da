"""The lab: one folder a domain, each with models, commands, queries and views."""
