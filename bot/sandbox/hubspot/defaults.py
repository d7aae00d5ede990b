"""What a fresh portal has before anybody touches it: default properties, groups and the default sales pipeline.

A subset of HubSpot's several hundred defaults: those that a partner programme reads or writes, under HubSpot's own
names, types and option values (knowledge.hubspot.com, "HubSpot's default … properties", 2026-11). Refuses to invent:
a property that HubSpot does not have is not here.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator

from bot.sandbox.hubspot.properties import Option, Property, PropertyGroup

GROUPS: dict[str, tuple[PropertyGroup, ...]] = {
    "deals": (
        PropertyGroup(name="dealinformation", label="Deal information", display_order=0),
        PropertyGroup(name="deal_activity", label="Deal activity", display_order=1),
    ),
    "companies": (PropertyGroup(name="companyinformation", label="Company information", display_order=0),),
    "contacts": (PropertyGroup(name="contactinformation", label="Contact information", display_order=0),),
    "notes": (PropertyGroup(name="engagement", label="Note information", display_order=0),),
    "emails": (PropertyGroup(name="engagement", label="Email information", display_order=0),),
    "tasks": (PropertyGroup(name="engagement", label="Task information", display_order=0),),
    "calls": (PropertyGroup(name="engagement", label="Call information", display_order=0),),
    "meetings": (PropertyGroup(name="engagement", label="Meeting information", display_order=0),),
    "communications": (PropertyGroup(name="engagement", label="Communication information", display_order=0),),
}

# (id, label, probability, closed); the pipeline that every portal starts with.
DEFAULT_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2", False),
    ("qualifiedtobuy", "Qualified To Buy", "0.4", False),
    ("presentationscheduled", "Presentation Scheduled", "0.6", False),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8", False),
    ("contractsent", "Contract Sent", "0.9", False),
    ("closedwon", "Closed Won", "1.0", True),
    ("closedlost", "Closed Lost", "0.0", True),
)

# Long lists of option values, named in the tables as @name.
_LISTS = {
    "lifecycle": "subscriber;lead;marketingqualifiedlead;salesqualifiedlead;opportunity;customer;evangelist;other",
    "language": "af;ar;bg;bn;ca;cs;da;de;de-at;de-ch;de-de;el;en;en-au;en-ca;en-gb;en-ie;en-us;en-za;es;es-ar;es-co;"
    "es-es;es-mx;et;fi;fr;fr-be;fr-ca;fr-ch;fr-fr;he-il;hr;hu;id;is;it;it-ch;it-it;ja;ko;lt;lv;ms;nl;nl-be;nl-nl;no;"
    "pl;pt;pt-br;pt-pt;ro;ru;sk;sl;sv;th;tr;uk;vi;zh;zh-cn;zh-tw",
    "industry": "ACCOUNTING;BANKING;COMPUTER_SOFTWARE;CONSTRUCTION;CONSUMER_GOODS;FOOD_PRODUCTION;"
    "INFORMATION_SERVICES;INFORMATION_TECHNOLOGY_AND_SERVICES;LOGISTICS_AND_SUPPLY_CHAIN;MACHINERY;"
    "MANAGEMENT_CONSULTING;RETAIL;WHOLESALE",
}

# One line a property: name | label | type/fieldType | what else: "ro" read-only, "ext=…" where the options come
# from, otherwise the option values, separated by semicolons.
_COMMON = """
hs_object_id | Record ID | number/number | ro
hs_object_source | Record source | string/text | ro
hs_object_source_id | Record source ID | string/text | ro
hs_object_source_label | Record source label | string/text | ro
hs_created_by_user_id | Created by user ID | number/number | ro
hs_updated_by_user_id | Updated by user ID | number/number | ro
hubspot_owner_id | Owner | enumeration/select | ext=owners
hubspot_owner_assigneddate | Owner assigned date | datetime/date | ro
"""
_CRM = """
createdate | Create Date | datetime/date | ro
num_notes | Number of Sales Activities | number/number | ro
notes_last_updated | Last Activity Date | datetime/date | ro
description | Description | string/textarea |
"""
_ACTIVITY = """
hs_createdate | Create date | datetime/date | ro
hs_lastmodifieddate | Last modified date | datetime/date | ro
hs_timestamp | Activity date | datetime/date |
hs_attachment_ids | Attached file IDs | string/text |
hs_body_preview | Body preview | string/text | ro
hs_unique_creation_key | Unique creation key | string/text | ro
"""
_BLOCKS: dict[str, tuple[str, ...]] = {
    "deals": (
        _COMMON,
        _CRM,
        """
hs_createdate | HubSpot Create Date | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
dealname | Deal Name | string/text |
pipeline | Pipeline | enumeration/select | ext=pipelines
dealstage | Deal Stage | enumeration/radio | ext=stages
amount | Amount | number/number |
closedate | Close Date | datetime/date |
deal_currency_code | Currency | enumeration/select | ext=currencies
dealtype | Deal Type | enumeration/radio | newbusiness;existingbusiness
hs_priority | Priority | enumeration/select | low;medium;high
hs_next_step | Next step | string/text |
closed_lost_reason | Closed Lost Reason | string/textarea |
closed_won_reason | Closed Won Reason | string/textarea |
hs_forecast_probability | Forecast probability | number/number |
hs_manual_forecast_category | Forecast category | enumeration/select | OMIT;PIPELINE;BEST_CASE;COMMIT;CLOSED
hs_deal_stage_probability | Deal probability | number/number | ro
hs_is_closed | Is Closed (numeric) | bool/booleancheckbox | ro
hs_is_closed_won | Is Closed Won | bool/booleancheckbox | ro
hs_is_closed_lost | Is closed lost | bool/booleancheckbox | ro
hs_closed_amount | Closed Deal Amount | number/number | ro
hs_projected_amount | Weighted amount | number/number | ro
num_associated_contacts | Number of Associated Contacts | number/number | ro
hs_analytics_source_data_1 | Original Traffic Source Drill-Down 1 | string/text | ro
""",
    ),
    "companies": (
        _COMMON,
        _CRM,
        """
hs_createdate | Object create date/time | datetime/date | ro
hs_lastmodifieddate | Last Modified Date | datetime/date | ro
name | Company name | string/text |
domain | Company Domain Name | string/text |
hs_additional_domains | Additional Domains | string/text |
website | Website URL | string/text |
phone | Phone Number | string/phonenumber |
address | Street Address | string/text |
city | City | string/text |
state | State/Region | string/text |
zip | Postal Code | string/text |
country | Country/Region | string/text |
industry | Industry | enumeration/select | @industry
numberofemployees | Number of Employees | number/number |
annualrevenue | Annual Revenue | number/number |
lifecyclestage | Lifecycle Stage | enumeration/radio | @lifecycle
type | Type | enumeration/select | PROSPECT;PARTNER;RESELLER;VENDOR;OTHER
timezone | Time Zone | string/text |
num_associated_contacts | Number of Associated Contacts | number/number | ro
num_associated_deals | Number of Associated Deals | number/number | ro
""",
    ),
    "contacts": (
        _COMMON,
        _CRM,
        """
lastmodifieddate | Last Modified Date | datetime/date | ro
email | Email | string/text |
hs_additional_emails | Additional email addresses | string/text |
firstname | First Name | string/text |
lastname | Last Name | string/text |
phone | Phone Number | string/phonenumber |
mobilephone | Mobile Phone Number | string/phonenumber |
company | Company Name | string/text |
jobtitle | Job Title | string/text |
address | Street Address | string/text |
city | City | string/text |
zip | Postal Code | string/text |
country | Country/Region | string/text |
website | Website URL | string/text |
hs_language | Preferred language | enumeration/select | @language
hs_timezone | Time Zone | enumeration/select | ext=timezones
lifecyclestage | Lifecycle Stage | enumeration/radio | @lifecycle
hs_lead_status | Lead Status | enumeration/radio | NEW;OPEN;IN_PROGRESS;OPEN_DEAL;UNQUALIFIED;CONNECTED;BAD_TIMING
associatedcompanyid | Primary Associated Company ID | number/number | ro
hs_email_domain | Email Domain | string/text | ro
hs_email_optout | Unsubscribed from all email | bool/booleancheckbox | ro
hs_email_hard_bounce_reason_enum | Email hard bounce reason | string/text | ro
num_associated_deals | Number of Associated Deals | number/number | ro
""",
    ),
    "notes": (_COMMON, _ACTIVITY, "hs_note_body | Note body | string/html |"),
    "emails": (
        _COMMON,
        _ACTIVITY,
        """
hs_email_direction | Email Direction | enumeration/select | EMAIL;INCOMING_EMAIL;FORWARDED_EMAIL
hs_email_status | Email send status | enumeration/select | BOUNCED;FAILED;SCHEDULED;SENDING;SENT
hs_email_subject | Email subject | string/text |
hs_email_text | Email body | string/textarea |
hs_email_html | Email HTML body | string/html |
hs_email_headers | Email headers | string/text |
""",
    ),
    "tasks": (
        _COMMON,
        _ACTIVITY,
        """
hs_task_subject | Task Title | string/text |
hs_task_body | Task Notes | string/html |
hs_task_status | Task Status | enumeration/select | NOT_STARTED;IN_PROGRESS;WAITING;COMPLETED;DEFERRED
hs_task_priority | Priority | enumeration/select | NONE;LOW;MEDIUM;HIGH
hs_task_type | Task Type | enumeration/select | EMAIL;CALL;TODO;LINKED_IN;MEETING
hs_task_reminders | Reminders | string/text |
hs_task_completion_date | Completed at | datetime/date | ro
""",
    ),
    "communications": (
        _COMMON,
        _ACTIVITY,
        """
hs_communication_body | Communication body | string/html |
hs_communication_channel_type | Channel type | enumeration/select | SMS;WHATS_APP;LINKEDIN_MESSAGE
hs_communication_logged_from | Logged from | enumeration/select | CRM
""",
    ),
    "calls": (
        _COMMON,
        _ACTIVITY,
        """
hs_call_title | Call Title | string/text |
hs_call_body | Call notes | string/html |
hs_call_direction | Call direction | enumeration/select | INBOUND;OUTBOUND
hs_call_duration | Call duration | number/number |
""",
    ),
    "meetings": (
        _COMMON,
        _ACTIVITY,
        """
hs_meeting_title | Meeting name | string/text |
hs_meeting_body | Meeting description | string/html |
hs_meeting_start_time | Meeting start time | datetime/date |
hs_meeting_end_time | Meeting end time | datetime/date |
hs_meeting_outcome | Meeting outcome | enumeration/select | SCHEDULED;COMPLETED;RESCHEDULED;NO_SHOW;CANCELED
""",
    ),
}

# What a create must set, by kind; a tuple of names means that one of them is enough.
REQUIRED: dict[str, tuple[tuple[str, ...], ...]] = {
    "deals": (("dealname",), ("dealstage",)),
    "companies": (("name", "domain"),),
    "contacts": (("email", "firstname", "lastname"),),
    "notes": (("hs_timestamp",),),
    "emails": (("hs_timestamp",), ("hs_email_direction",)),
    "tasks": (("hs_timestamp",),),
    "communications": (("hs_timestamp",),),
    "calls": (("hs_timestamp",),),
    "meetings": (("hs_timestamp",),),
}


@functools.cache
def default_properties(kind: str) -> tuple[Property, ...]:
    """HubSpot's own properties of a kind of record, in the order of the table."""
    return tuple(property_ for block in _BLOCKS[kind] for property_ in _parse_lines(kind, block))


def _parse_lines(kind: str, lines: str) -> Iterator[Property]:
    for line in filter(None, map(str.strip, lines.splitlines())):
        name, label, types, more = (cell.strip() for cell in line.split("|"))
        type_, field_type = types.split("/")
        external = more.removeprefix("ext=") if more.startswith("ext=") else ""
        values = (
            [] if more == "ro" or external else list(filter(None, _LISTS.get(more.removeprefix("@"), more).split(";")))
        )
        yield Property(
            name=name,
            label=label,
            type=type_,
            field_type=field_type,
            group=GROUPS[kind][0].name,
            options=tuple(
                Option(label=value.replace("_", " ").title(), value=value, display_order=place)
                for place, value in enumerate(["true", "false"] if type_ == "bool" else values)
            ),
            external=external,
            unique=(kind, name) == ("contacts", "email"),
            read_only=more == "ro",
            hubspot_defined=True,
        )
