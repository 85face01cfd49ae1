"""The shape of a statement, as xAPI 1.0.3 has it (part two, «Data»): nothing unknown, nothing
converted, the place of each fault."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    RootModel,
    StringConstraints,
    Tag,
    model_validator,
)
from pydantic_core import PydanticCustomError

VOIDED = "http://adlnet.gov/expapi/verbs/voided"
MAX_IRI = 2_000  # characters
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d)(:\d\d)?([.,]\d{1,12})?(Z|z|[+-]\d\d(?::?\d\d)?)?", re.ASCII
)


def read_instant(text: str) -> datetime | None:
    """The instant of an ISO 8601 timestamp, UTC where no offset is said (section 4.5); None for
    none. The offset ``-00:00`` means nothing, and is refused there."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    day, minute, second, part, zone = found.groups()
    zone = (zone or "Z").upper()
    if zone in ("-00", "-0000", "-00:00"):
        return None
    offset = "+00:00" if zone == "Z" else zone
    fraction = "." + part[1:7].ljust(6, "0") if part else ""
    try:
        return datetime.fromisoformat(
            f"{day}T{minute}{second or ':00'}{fraction}{offset}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _check_instant(text: str) -> str:
    if read_instant(text) is None:
        raise PydanticCustomError("timestamp_expected", "not a timestamp")
    return text


Iri = Annotated[
    str,
    StringConstraints(max_length=MAX_IRI, pattern=r"^[A-Za-z][A-Za-z0-9+.\-]*:[^\s<>\"{}|\\^`]+$"),
]
Language = Annotated[
    str, StringConstraints(max_length=100, pattern=r"^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$")
]
Id = Annotated[
    str,
    StringConstraints(
        pattern=r"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"
    ),
]
Mbox = Annotated[str, StringConstraints(max_length=300, pattern=r"^mailto:[^@\s]+@[^@\s]+$")]
Sha1 = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{40}$")]
Duration = Annotated[
    str,
    StringConstraints(
        max_length=100,
        pattern=r"^P(\d+([.,]\d+)?W|(\d+([.,]\d+)?Y)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?D)?"
        r"(T(\d+([.,]\d+)?H)?(\d+([.,]\d+)?M)?(\d+([.,]\d+)?S)?)?)$",
    ),
]
Instant = Annotated[str, AfterValidator(_check_instant)]
Number = Annotated[float, Field(allow_inf_nan=False)]
LanguageMap = dict[Language, str]
Extensions = dict[Iri, Any]


class Shape(BaseModel):
    """Nothing unknown, nothing converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Account(Shape):
    """An account of another system."""

    homePage: Iri
    name: Annotated[str, StringConstraints(min_length=1, max_length=300)]


class Identified(Shape):
    """What may tell who somebody is: exactly one of these for an agent."""

    name: str | None = None
    mbox: Mbox | None = None
    mbox_sha1sum: Sha1 | None = None
    openid: Iri | None = None
    account: Account | None = None

    def identifiers(self) -> int:
        """How many ways to tell who it is are given."""
        given = (self.mbox, self.mbox_sha1sum, self.openid, self.account)
        return sum(one is not None for one in given)


class Agent(Identified):
    """One person, or a system."""

    objectType: Literal["Agent"] | None = None

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if self.identifiers() != 1:
            raise PydanticCustomError("one_identifier_expected", "not one identifier")
        return self


class Group(Identified):
    """Several, with an identifier or with its members."""

    objectType: Literal["Group"]
    member: list[Agent] | None = None

    @model_validator(mode="after")
    def _is_told(self) -> Self:
        count = self.identifiers()
        if count > 1 or (count == 0 and not self.member):
            raise PydanticCustomError("one_identifier_expected", "not one identifier")
        return self


class Component(Shape):
    """A choice, a step, a place on a scale."""

    id: str
    description: LanguageMap | None = None


class Definition(Shape):
    """What an activity is."""

    name: LanguageMap | None = None
    description: LanguageMap | None = None
    type: Iri | None = None
    moreInfo: Iri | None = None
    interactionType: (
        Literal[
            "true-false", "choice", "fill-in", "long-fill-in", "matching", "performance",
            "sequencing", "likert", "numeric", "other",
        ]
        | None
    ) = None  # fmt: skip
    correctResponsesPattern: list[str] | None = None
    choices: list[Component] | None = None
    scale: list[Component] | None = None
    source: list[Component] | None = None
    target: list[Component] | None = None
    steps: list[Component] | None = None
    extensions: Extensions | None = None


class Activity(Shape):
    """What was done."""

    objectType: Literal["Activity"] | None = None
    id: Iri
    definition: Definition | None = None


class StatementRef(Shape):
    """Another statement."""

    objectType: Literal["StatementRef"]
    id: Id


class Verb(Shape):
    """What somebody did."""

    id: Iri
    display: LanguageMap | None = None


class Score(Shape):
    """How well."""

    scaled: Annotated[float, Field(ge=-1, le=1)] | None = None
    raw: Number | None = None
    min: Number | None = None
    max: Number | None = None

    @model_validator(mode="after")
    def _is_ordered(self) -> Self:
        low, high, raw = self.min, self.max, self.raw
        between = (low, raw, high) if raw is not None else (low, high)
        given = [one for one in between if one is not None]
        if given != sorted(given) or (low is not None and low == high):
            raise PydanticCustomError("score_out_of_bounds", "raw is not between min and max")
        return self


class Result(Shape):
    """What came of it."""

    score: Score | None = None
    success: bool | None = None
    completion: bool | None = None
    response: str | None = None
    duration: Duration | None = None
    extensions: Extensions | None = None


def _who(value: Any) -> str:
    kind = value.get("objectType", "Agent") if isinstance(value, dict) else "Agent"
    return f"#{kind}"


def _what(value: Any) -> str:
    kind = value.get("objectType", "Activity") if isinstance(value, dict) else "Activity"
    return f"#{kind}"


Actor = Annotated[
    Annotated[Agent, Tag("#Agent")] | Annotated[Group, Tag("#Group")], Discriminator(_who)
]
Activities = list[Activity]


def _several(value: Any) -> str:
    return "#list" if isinstance(value, list) else "#one"


OneOrMore = Annotated[
    Annotated[Activity, Tag("#one")] | Annotated[Activities, Tag("#list")],
    Discriminator(_several),
]


class ContextActivities(Shape):
    """What else it is about. One activity alone, without its list, is an older way."""

    parent: OneOrMore | None = None
    grouping: OneOrMore | None = None
    category: OneOrMore | None = None
    other: OneOrMore | None = None


class Context(Shape):
    """Where and with whom."""

    registration: Id | None = None
    instructor: Actor | None = None
    team: Group | None = None
    contextActivities: ContextActivities | None = None
    revision: str | None = None
    platform: str | None = None
    language: Language | None = None
    statement: StatementRef | None = None
    extensions: Extensions | None = None


class Attachment(Shape):
    """A file that is elsewhere: none is received here."""

    usageType: Iri
    display: LanguageMap
    description: LanguageMap | None = None
    contentType: str
    length: Annotated[int, Field(ge=0)]
    sha2: str
    fileUrl: Iri


class Told(Shape):
    """What a statement and a statement within another share."""

    actor: Actor
    verb: Verb
    result: Result | None = None
    context: Context | None = None
    timestamp: Instant | None = None
    attachments: list[Attachment] | None = None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        thing = getattr(self, "object", None)
        context = self.context
        if (
            context is not None
            and not isinstance(thing, Activity)
            and (context.revision is not None or context.platform is not None)
        ):
            raise PydanticCustomError("activity_expected", "revision or platform of no activity")
        if self.verb.id == VOIDED and not isinstance(thing, StatementRef):
            raise PydanticCustomError("statement_reference_expected", "voids no statement")
        return self


class SubStatement(Told):
    """A statement that tells of nothing that happened."""

    objectType: Literal["SubStatement"]
    object: Annotated[
        Annotated[Activity, Tag("#Activity")]
        | Annotated[Agent, Tag("#Agent")]
        | Annotated[Group, Tag("#Group")]
        | Annotated[StatementRef, Tag("#StatementRef")],
        Discriminator(_what),
    ]


class Statement(Told):
    """Somebody did something."""

    id: Id | None = None
    object: Annotated[
        Annotated[Activity, Tag("#Activity")]
        | Annotated[Agent, Tag("#Agent")]
        | Annotated[Group, Tag("#Group")]
        | Annotated[StatementRef, Tag("#StatementRef")]
        | Annotated[SubStatement, Tag("#SubStatement")],
        Discriminator(_what),
    ]
    stored: Instant | None = None
    authority: Actor | None = None
    version: Annotated[str, StringConstraints(pattern=r"^1\.0(\.\d+)?$")] | None = None


class Statements(RootModel[Statement | list[Statement]]):
    """One statement, or several."""


class StatementIds(RootModel[list[str]]):
    """The id of each statement, in the order they came in."""
