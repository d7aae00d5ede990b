"""Which records belong together, and as what. Knows ids and types; whether a record exists is the portal's matter."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from bot.sandbox.hubspot.errors import HubSpotError, Json

HUBSPOT = "HUBSPOT_DEFINED"
USER = "USER_DEFINED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssociationType:
    """One direction of a relation; `inverse` is the type id of the other direction."""

    type_id: int
    from_kind: str
    to_kind: str
    inverse: int
    label: str | None = None
    category: str = HUBSPOT

    def json(self) -> Json:
        """The published schema `AssociationSpecWithLabel`."""
        return {"category": self.category, "typeId": self.type_id, "label": self.label}


# (from, to, type id, inverse, label): hubspot-api-client 12.0.0, hubspot/crm/association_type.py; communications and
# same-kind pairs from the page "Associations v4", 2026-11.
_PAIRS = (
    ("contacts", "companies", 279, 280, None),
    ("contacts", "companies", 1, 2, "Primary"),
    ("deals", "companies", 341, 342, None),
    ("deals", "companies", 5, 6, "Primary"),
    ("deals", "contacts", 3, 4, None),
    ("calls", "companies", 182, 181, None),
    ("emails", "companies", 186, 185, None),
    ("meetings", "companies", 188, 187, None),
    ("notes", "companies", 190, 189, None),
    ("tasks", "companies", 192, 191, None),
    ("communications", "companies", 87, 88, None),
    ("calls", "contacts", 194, 193, None),
    ("emails", "contacts", 198, 197, None),
    ("meetings", "contacts", 200, 199, None),
    ("notes", "contacts", 202, 201, None),
    ("tasks", "contacts", 204, 203, None),
    ("communications", "contacts", 81, 82, None),
    ("calls", "deals", 206, 205, None),
    ("emails", "deals", 210, 209, None),
    ("meetings", "deals", 212, 211, None),
    ("notes", "deals", 214, 213, None),
    ("tasks", "deals", 216, 215, None),
    ("communications", "deals", 85, 86, None),
    ("companies", "companies", 450, 450, None),
    ("contacts", "contacts", 449, 449, None),
    ("deals", "deals", 451, 451, None),
)
PRIMARY = {341: 5, 342: 6, 279: 1, 280: 2}  # the first company of a record becomes its primary one
_UNLABELLED = {primary: plain for plain, primary in PRIMARY.items()}

Node = tuple[str, str]  # (kind, record id)


class Associations:
    """All relations of a portal, each stored in both directions."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, str, str, int], AssociationType] = {}
        self._links: dict[Node, dict[str, dict[str, dict[int, AssociationType]]]] = {}
        self._next_label_id = 1001  # above HubSpot's own, so that one number never means two types
        for from_kind, to_kind, type_id, inverse, label in _PAIRS:
            self._define(from_kind, to_kind, type_id, inverse, label, HUBSPOT)

    def types_between(self, from_kind: str, to_kind: str) -> list[AssociationType]:
        return [t for (a, b, _, _), t in self._types.items() if (a, b) == (from_kind, to_kind)]

    def type_of(self, from_kind: str, to_kind: str, category: str, type_id: int) -> AssociationType:
        """The type with that id between two kinds.

        Raises:
            HubSpotError: 400, when it is not a type of this pair.
        """
        found = self._types.get((from_kind, to_kind, category, type_id))
        if found is None:
            raise HubSpotError(
                400,
                "VALIDATION_ERROR",
                f"{category} association type id {type_id} doesn't exist between {from_kind} and {to_kind}",
                context={"type": [str(type_id)], "fromObjectType": [from_kind], "toObjectType": [to_kind]},
            )
        return found

    def type_from(self, from_kind: str, category: str, type_id: int) -> AssociationType | None:
        """The type with that id from a kind, wherever it leads; a create names no target kind."""
        for (start, _, category_, id_), type_ in self._types.items():
            if (start, category_, id_) == (from_kind, category, type_id):
                return type_
        return None

    def default_type(self, from_kind: str, to_kind: str) -> AssociationType:
        """The unlabelled type of a pair.

        Raises:
            HubSpotError: 400, when HubSpot has none for it.
        """
        for candidate in self.types_between(from_kind, to_kind):
            if candidate.label is None:
                return candidate
        raise HubSpotError(
            400, "VALIDATION_ERROR", f"No default association type exists between {from_kind} and {to_kind}"
        )

    def define_label(self, from_kind: str, to_kind: str, label: str, inverse_label: str) -> list[AssociationType]:
        """A label of the portal's own, in both directions; ids as HubSpot gives them, odd and even."""
        first = self._next_label_id
        self._next_label_id += 2
        self._define(from_kind, to_kind, first, first + 1, label, USER, inverse_label)
        return [
            self._types[from_kind, to_kind, USER, first],
            self._types[to_kind, from_kind, USER, first + 1],
        ]

    def link(self, one: Node, other: Node, type_: AssociationType) -> bool:
        """Relate two records; False when they already were, in just this way."""
        if type_.label == "Primary":
            self._clear_primary(*((other, one) if one[0] == "companies" else (one, other)))
        new = self._put(one, other, type_)
        if type_.category == USER or type_.type_id in _UNLABELLED:
            plain = self.default_type(one[0], other[0])
            self._put(one, other, plain)
        primary = PRIMARY.get(type_.type_id)
        if primary is not None and "companies" in (one[0], other[0]):
            holder, company = (other, one) if one[0] == "companies" else (one, other)
            if not self._has_primary(holder, company[0]):
                self._put(one, other, self._types[one[0], other[0], HUBSPOT, primary])
        return new

    def unlink(self, one: Node, other: Node, type_: AssociationType | None = None) -> None:
        """Take away one relation between two records, or all of them."""
        for here, there in ((one, other), (other, one)):
            types = self._links.get(here, {}).get(there[0], {}).get(there[1], {})
            doomed = list(types) if type_ is None else [type_.type_id if here == one else type_.inverse]
            for type_id in doomed:
                types.pop(type_id, None)
            if not types:
                self._links.get(here, {}).get(there[0], {}).pop(there[1], None)

    def unlink_all(self, node: Node) -> None:
        for kind, others in list(self._links.get(node, {}).items()):
            for other_id in list(others):
                self.unlink(node, (kind, other_id))

    def of(self, node: Node, to_kind: str) -> list[tuple[str, list[AssociationType]]]:
        """Whom a record belongs to, in the order of their ids."""
        others = self._links.get(node, {}).get(to_kind, {})
        return [(other, list(others[other].values())) for other in sorted(others, key=int)]

    def ids_of(self, node: Node, to_kind: str) -> Collection[str]:
        """Whom a record belongs to, in no order, as a live view."""
        return self._links.get(node, {}).get(to_kind, {}).keys()

    def neighbours(self, node: Node) -> Iterator[Node]:
        for kind, others in self._links.get(node, {}).items():
            for other_id in others:
                yield kind, other_id

    def _define(
        self,
        from_kind: str,
        to_kind: str,
        type_id: int,
        inverse: int,
        label: str | None,
        category: str,
        inverse_label: str | None = None,
    ) -> None:
        for a, b, one, two, text in (
            (from_kind, to_kind, type_id, inverse, label),
            (to_kind, from_kind, inverse, type_id, inverse_label or label),
        ):
            self._types[a, b, category, one] = AssociationType(
                type_id=one, from_kind=a, to_kind=b, inverse=two, label=text, category=category
            )

    def _has_primary(self, holder: Node, kind: str) -> bool:
        others = self._links.get(holder, {}).get(kind, {})
        return any(type_.label == "Primary" for types in others.values() for type_ in types.values())

    def _clear_primary(self, holder: Node, company: Node) -> None:
        """Only one company is a record's primary one; "this API supports changing which" (Associations v4 guide)."""
        for other_id, types in self._links.get(holder, {}).get(company[0], {}).items():
            if other_id != company[1]:
                for type_ in [t for t in types.values() if t.label == "Primary"]:
                    del types[type_.type_id]
                    self._links[company[0], other_id][holder[0]][holder[1]].pop(type_.inverse, None)

    def _put(self, one: Node, other: Node, type_: AssociationType) -> bool:
        forth = self._links.setdefault(one, {}).setdefault(other[0], {}).setdefault(other[1], {})
        new = type_.type_id not in forth
        forth[type_.type_id] = type_
        back = self._links.setdefault(other, {}).setdefault(one[0], {}).setdefault(one[1], {})
        inverse = self._types[other[0], one[0], type_.category, type_.inverse]
        back[inverse.type_id] = inverse
        return new
