"""What the HubSpot adapter is told."""

from __future__ import annotations

import pytest

from bot.crm.hubspot.settings import HubSpotSettings
from bot.crm.hubspot.setup import why_not_usable
from bot.crm.hubspot.transport import dated
from bot.crm.hubspot.wanted import WantedProperty, wanted_properties
from bot.domain.deals import DealField
from bot.domain.partners import Motion
from bot.domain.preferences import Topic
from bot.errors import ConfigError

SETTINGS = HubSpotSettings(access_token="pat-secret", pipelines={Motion.RESELLER: "Reseller"})


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        HubSpotSettings(
            access_token=" ",
            pipelines={},
            base_url="http://127.0.0.1.api.example",
            api_family="v9",
            properties={"stge": "x"},
            timezone="Mars/Olympus",
        )
    assert len(caught.value.faults) == 6


def test_a_motion_that_does_not_exist_is_named() -> None:
    with pytest.raises(ConfigError, match="'resale' is not one of referral, reseller"):
        HubSpotSettings(access_token="t", pipelines={"resale": "Resale"})  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        (
            {"subscriptions": {Topic.POLICY: "7"}},
            "policy cannot be unsubscribed from: name one of programme, enablement",
        ),
        ({"subscriptions": {Topic.PRODUCT: "News"}}, "product: 'News' is not the number of a subscription type"),
        ({"facts": {"tier": "company.size"}}, "'tier' is taken"),
        ({"facts": {"a b": "company.size"}}, "'a b' is taken, or no small word"),
        ({"facts": {"size": "numberofemployees"}}, "size: 'numberofemployees' is not a property such as company."),
        ({"facts": {"size": "deal.amount"}}, "'deal.amount' is not a property"),
    ],
)
def test_subscriptions_and_facts_that_cannot_work_are_named(given, fault: str) -> None:
    with pytest.raises(ConfigError) as caught:
        HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "R"}, **given)
    (told,) = caught.value.faults
    assert fault in told


def test_a_subscription_for_two_topics_is_named() -> None:
    both = {Topic.PRODUCT: "7", Topic.INCENTIVE: "7"}
    with pytest.raises(ConfigError, match="product: 7 stands for another topic, too"):
        HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "R"}, subscriptions=both)


def test_facts_are_sorted_by_whose_they_are() -> None:
    facts = {"size": "company.numberofemployees", "title": "contact.jobtitle"}
    settings = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "R"}, facts=facts)
    assert (settings.facts_of("company"), settings.facts_of("contact")) == (
        {"size": "numberofemployees"},
        {"title": "jobtitle"},
    )


def test_the_token_is_never_shown() -> None:
    assert "secret" not in repr(SETTINGS)


def test_a_term_may_be_kept_in_another_property() -> None:
    settings = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "R"}, properties={"competitor": "lost_to"})
    assert settings.deal(DealField.COMPETITOR) == "lost_to"
    assert settings.field_of("lost_to") is DealField.COMPETITOR
    assert settings.field_of("lost_competitor") is None


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/crm/v3/objects/deals/1", "/crm/objects/2026-09/deals/1"),
        ("/crm/v3/objects/deals/batch/read", "/crm/objects/2026-09/deals/batch/read"),
        ("/crm/v4/associations/deals/companies/batch/read", "/crm/associations/2026-09/deals/companies/batch/read"),
        ("/crm/v3/properties/deals", "/crm/properties/2026-09/deals"),
        ("/crm/v3/pipelines/deals", "/crm/pipelines/2026-09/deals"),
        ("/crm/v3/owners/", "/crm/owners/2026-09"),
        ("/account-info/v3/details", "/account-info/2026-09/details"),
        ("/communication-preferences/v4/definitions", "/communication-preferences/2026-09/definitions"),
    ],
)
def test_paths_are_dated(path: str, expected: str) -> None:
    assert dated(path, "2026-09") == expected
    assert dated(path, "v3") == path


def test_every_term_has_a_property_that_could_be_made() -> None:
    wanted = wanted_properties(SETTINGS)
    assert {p.term for p in wanted if p.kind == "deals"} >= {f.value for f in DealField}
    assert all(p.definition()["groupName"] for p in wanted)


def test_close_date_is_a_moment_only_in_hubspots_own_property() -> None:
    def type_of(settings: HubSpotSettings) -> str:
        return next(p.type for p in wanted_properties(settings) if p.term == "close_date")

    mapped = HubSpotSettings(access_token="t", pipelines={Motion.RESELLER: "R"}, properties={"close_date": "due"})
    assert type_of(SETTINGS) == "datetime"
    assert type_of(mapped) == "date"


def test_an_existing_property_serves_or_says_why_not() -> None:
    motion: WantedProperty = next(p for p in wanted_properties(SETTINGS) if p.term == "motion")
    options = [{"value": m.value} for m in Motion]
    assert why_not_usable(motion, {"type": "enumeration", "options": options}) is None
    assert why_not_usable(motion, {"type": "string"}) is None
    assert "lacks the options technology" in (
        why_not_usable(motion, {"type": "enumeration", "options": options[:-1]}) or ""
    )
    assert "is of type date" in (why_not_usable(motion, {"type": "date"}) or "")
