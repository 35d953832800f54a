"""Policies: issuing them, reading them, and who is on their roster."""

from app.services.policies.enrol import Enrolled, EnrolledMember, enrol
from app.services.policies.issue_policy import issue_policy
from app.services.policies.list_members import MemberView, list_members
from app.services.policies.list_policies import list_policies
from app.services.policies.read_policy import read_policy
from app.services.policies.view import PolicyView

__all__ = [
    "Enrolled",
    "EnrolledMember",
    "MemberView",
    "PolicyView",
    "enrol",
    "issue_policy",
    "list_members",
    "list_policies",
    "read_policy",
]
