"""Everything offportal says, as values: one class a notice, which is all that its templates may show.

Refuses to know how a notice looks or travels. Dates are dates, amounts Decimals; render.py puts them into the
reader's language. A notice holds approved fields only: whoever builds one has decided what its reader may see.
"""

from __future__ import annotations

from bot.domain.notices.announcements import Announced, AnnouncementStatus
from bot.domain.notices.deals import (
    Answer,
    ApprovalClosed,
    ApprovalRequest,
    Asked,
    ChangeResult,
    Claimed,
    DealChanged,
    DealList,
    DealView,
    ForManager,
    GateSkipped,
    Held,
    Help,
    LinkCode,
    Linked,
    NotVerified,
    Proposed,
    RegisterForm,
    StageWaiting,
    Trouble,
    Wished,
)
from bot.domain.notices.registrations import (
    FollowUpDue,
    ManagerAsks,
    Nudge,
    ProgrammeRules,
    ProtectionEnded,
    ProtectionEnding,
    RegistrationClosed,
    RegistrationDecided,
    RegistrationDropped,
    RegistrationIncomplete,
    RegistrationLate,
    RegistrationRequest,
    RequestSettled,
)

__all__ = [
    "EVENTS",
    "Announced",
    "AnnouncementStatus",
    "Answer",
    "ApprovalClosed",
    "ApprovalRequest",
    "Asked",
    "ChangeResult",
    "Claimed",
    "DealChanged",
    "DealList",
    "DealView",
    "FollowUpDue",
    "ForManager",
    "GateSkipped",
    "Held",
    "Help",
    "LinkCode",
    "Linked",
    "ManagerAsks",
    "NotVerified",
    "Notice",
    "Nudge",
    "ProgrammeRules",
    "Proposed",
    "ProtectionEnded",
    "ProtectionEnding",
    "RegisterForm",
    "RegistrationClosed",
    "RegistrationDecided",
    "RegistrationDropped",
    "RegistrationIncomplete",
    "RegistrationLate",
    "RegistrationRequest",
    "RequestSettled",
    "StageWaiting",
    "Trouble",
    "Wished",
]

Notice = (
    DealChanged
    | Answer
    | ForManager
    | ApprovalRequest
    | ApprovalClosed
    | GateSkipped
    | StageWaiting
    | NotVerified
    | LinkCode
    | Linked
    | DealList
    | Help
    | RegisterForm
    | Trouble
    | RegistrationIncomplete
    | RegistrationDropped
    | RegistrationDecided
    | ManagerAsks
    | RegistrationRequest
    | RegistrationClosed
    | RegistrationLate
    | RequestSettled
    | ProtectionEnding
    | ProtectionEnded
    | Nudge
    | FollowUpDue
    | ProgrammeRules
    | Announced
    | AnnouncementStatus
)

EVENTS: dict[str, type[Notice]] = {
    "deal_changed": DealChanged,
    "answer": Answer,
    "for_manager": ForManager,
    "approval_request": ApprovalRequest,
    "approval_closed": ApprovalClosed,
    "gate_skipped": GateSkipped,
    "stage_waiting": StageWaiting,
    "not_verified": NotVerified,
    "link_code": LinkCode,
    "linked": Linked,
    "deal_list": DealList,
    "help": Help,
    "register_form": RegisterForm,
    "trouble": Trouble,
    "registration_incomplete": RegistrationIncomplete,
    "registration_dropped": RegistrationDropped,
    "registration_decided": RegistrationDecided,
    "manager_asks": ManagerAsks,
    "registration_request": RegistrationRequest,
    "registration_closed": RegistrationClosed,
    "registration_late": RegistrationLate,
    "request_settled": RequestSettled,
    "protection_ending": ProtectionEnding,
    "protection_ended": ProtectionEnded,
    "nudge": Nudge,
    "follow_up_due": FollowUpDue,
    "programme_rules": ProgrammeRules,
    "announcement": Announced,
    "announcement_status": AnnouncementStatus,
}
