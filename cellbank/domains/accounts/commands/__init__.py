"""What can be asked about organisations, people, their roles and how they prove who they are."""

from cellbank.core.errors import Message
from cellbank.core.work import explain
from cellbank.domains.accounts.commands.organisations import AddOrganisation, CorrectOrganisation
from cellbank.domains.accounts.commands.people import (
    AddPerson,
    ChangePerson,
    ChangePreferences,
    DisablePerson,
    EnablePerson,
)
from cellbank.domains.accounts.commands.role_grants import EndRole, GrantRole
from cellbank.domains.accounts.commands.sign_in import (
    RecordFailedSignIn,
    RecordPasswordSet,
    RecordSignIn,
    RecordSignOut,
)
from cellbank.domains.accounts.commands.tokens import AddDevice, IssueToken, RevokeToken

explain("uq_organisation_short_name", Message("Another organisation already has this short name.").id)
explain("uq_person_user_name", Message("Somebody already signs in with this name.").id)
explain("uq_contact_email", Message("Somebody already has this e-mail address.").id)
explain("uq_device_code", Message("Another device already has this code.").id)
explain("uq_role_grant_open", Message("This person already has this role.").id)

__all__ = [
    "AddDevice",
    "AddOrganisation",
    "AddPerson",
    "ChangePerson",
    "ChangePreferences",
    "CorrectOrganisation",
    "DisablePerson",
    "EnablePerson",
    "EndRole",
    "GrantRole",
    "IssueToken",
    "RecordFailedSignIn",
    "RecordPasswordSet",
    "RecordSignIn",
    "RecordSignOut",
    "RevokeToken",
]
