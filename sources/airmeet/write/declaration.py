"""What a write is declared by: its columns, its request, and what holds of it."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from ..person import person_key
from ..settings import Layout

FieldKind = Literal["text", "texts", "url", "email", "emails", "time", "count", "flag", "zone"]

Values = dict[str, Any]
"""A row's values by column, checked: times in milliseconds, lists as lists."""


@dataclass(frozen=True)
class Field:
    """A column of a write.

    Attributes:
        column: its name.
        api_name: the payload's name for it; a dot leads into an object.
        kind: what it holds. A time is an ISO text or milliseconds, and sent as milliseconds.
        required: whether it must be filled.
        choices: the only values allowed.
        gateway_choices: further ones that the gateway allows.
        least: its least length or value.
        most: its greatest length.
        whole_minutes: a time that must lie on the minute.
        default: what is sent where a row says nothing; None leaves it to Airmeet.
        gateway_only: the specification's hosts do not take it.
        says: what it means, for the documentation; "" where its name says all.
    """

    column: str
    api_name: str
    kind: FieldKind = "text"
    required: bool = False
    choices: tuple[str, ...] = ()
    gateway_choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 0
    whole_minutes: bool = False
    default: bool | None = None
    gateway_only: bool = False
    says: str = ""


@dataclass(frozen=True)
class Write:
    """A write.

    Attributes:
        table: its name.
        section: of the specification; "" where the gateway alone has it.
        does: what it does to a row, in a word.
        method: of its request.
        path: in the specification's layout; the gateway's has no `/public`.
        fields: its columns.
        key: the columns that name a row within its airmeet.
        says: what it does at Airmeet, in a sentence.
        example: a CSV file of it.
        unique: columns besides, that no two rows of an airmeet may share.
        repeatable: whether it may be sent again when it may have succeeded.
        creates: whether something comes of it that has an id.
        lasting: whether it may be under way at Airmeet when its answer is lost: the same push does
            not send it again, and the next one only where it does not turn up for a while.
        takes_away: whether it takes away what the key names: what is not there is not taken twice.
        confirmed: whether somebody at a terminal is asked before it is sent.
        has_answers: whether further columns are answers to custom fields (§3.3).
        per_airmeet: whether it is done to an airmeet, which each row then names.
        gateway_only: the specification's hosts do not serve it.
        deprecated: what to use instead.
    """

    table: str
    section: str
    does: str
    method: Literal["POST", "PUT", "DELETE"]
    path: str
    fields: tuple[Field, ...]
    key: tuple[str, ...]
    says: str
    example: str
    unique: tuple[str, ...] = ()
    repeatable: bool = False
    creates: bool = False
    lasting: bool = False
    takes_away: bool = False
    confirmed: bool = False
    has_answers: bool = False
    per_airmeet: bool = True
    gateway_only: bool = False
    deprecated: str = ""

    def in_layout(self, layout: Layout) -> "Write":
        """The write with the columns and choices that a layout takes."""
        if layout == "gateway":
            fields = tuple(
                replace(field, choices=field.choices + field.gateway_choices)
                for field in self.fields
            )
        else:
            fields = tuple(field for field in self.fields if not field.gateway_only)
        return replace(self, fields=fields)

    def path_in(self, layout: Layout) -> str:
        """The path template in a layout."""
        return self.path.replace("/public/", "/") if layout == "gateway" else self.path

    def request(self, layout: Layout) -> str:
        """The request as the ledger names it: nobody's address in it."""
        return f"{self.method} {self.path_in(layout)}"

    @property
    def warning(self) -> str:
        """That it is deprecated, and what to use instead."""
        instead = f"{self.deprecated} does the same"
        return f"{self.table} is deprecated by Airmeet (§{self.section}); {instead}"

    def key_of(self, values: Values) -> str:
        """What names the row within its airmeet; a person is `person.person_key`."""
        if self.key == ("email",):
            return person_key(values["email"]) or ""
        return " | ".join(str(values[column]).strip() for column in self.key)

    def may_repeat(self, values: Values) -> bool:
        """Whether a row may be sent again when it may have succeeded: a second mail would show."""
        return self.repeatable and not values.get(INVITES)


INVITES = "send_email_invite"
"""The column that asks Airmeet to mail somebody."""
