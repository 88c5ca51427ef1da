"""What agents and scopes of consent are called on a page."""

from __future__ import annotations

from cellbank.core.errors import Message
from cellbank.domains.storage.models import Agent

_AGENTS = {
    Agent.HIV_1_2: Message("HIV 1 and 2"),
    Agent.HEPATITIS_B: Message("Hepatitis B"),
    Agent.HEPATITIS_C: Message("Hepatitis C"),
    Agent.HTLV: Message("HTLV I and II"),
    Agent.SYPHILIS: Message("Syphilis"),
    Agent.CMV: Message("Cytomegalovirus (CMV)"),
    Agent.EBV: Message("Epstein–Barr virus (EBV)"),
    Agent.PARVOVIRUS_B19: Message("Parvovirus B19"),
    Agent.WEST_NILE: Message("West Nile virus"),
    Agent.ZIKA: Message("Zika virus"),
    Agent.CHAGAS: Message("Chagas disease"),
    Agent.MALARIA: Message("Malaria"),
    Agent.SARS_COV_2: Message("SARS-CoV-2"),
    Agent.MYCOPLASMA: Message("Mycoplasma"),
    Agent.BACTERIA_FUNGI: Message("Bacteria and fungi"),
    Agent.HPV: Message("Human papillomavirus (HPV)"),
    Agent.OTHER: Message("Another agent"),
}

SCOPES = {
    "allows_bank_storage": Message("Keep it in the bank"),
    "allows_research_in_country": Message("Research in this country"),
    "allows_export": Message("Export to other countries"),
    "allows_commercial_use": Message("Commercial use"),
    "allows_genetic_sequencing": Message("Genetic sequencing"),
    "allows_animal_chimera": Message("Animal chimeras"),
    "allows_germline_or_embryo": Message("Germ line or embryo research"),
    "allows_clinical_use": Message("Clinical use"),
    "allows_recontact": Message("Contact the donor again"),
    "allows_incidental_findings": Message("Tell the donor incidental findings"),
    "allows_data_sharing": Message("Share the data"),
}
"""Each scope of a consent with its words, in the order of the form."""


def agent_word(agent: Agent) -> Message:
    """What an agent is called."""
    return _AGENTS[agent]


def agent_choices() -> list[tuple[str, str]]:
    """Every agent for a form: value and message id."""
    return [(agent.value, word.id) for agent, word in _AGENTS.items()]
