"""What is stored of people, by mode; applied to whole tables in memory, before dlt sees them.

`plain` stores what the API gives. `pseudonymised` puts a keyed pseudonym in place of each address
and drops names, cities and what people wrote; every join, count and domain stays. `minimal` keeps
of a person a pseudonym and nothing else. No mode stores links or tokens that grant access
(`access_links.py`), nor people who were erased (`erasure.py`).

The schemas say what each column holds; `RULES` says what becomes of that. A field that the schemas
do not know is stored in the mode `plain` alone, unless it is a mere true or false.
"""

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ..addresses import is_domain, without_addresses
from ..person import person_key, user_of
from ..schemas import RAW_TABLES, REMOVED, Column, Holds, Table
from ..settings import Mode, check_privacy
from .access_links import MAY_HOLD, is_credential_field, without_credentials
from .documents import in_all_texts, with_known_members
from .erasure import EMPTY, ErasureList

WITHHELD = "(withheld)"
"""Stands for a poll answer that may be somebody's own words."""

_NOWHERE = "invalid"
"""The domain of pseudonyms that have none."""

FieldOptions = Mapping[str, frozenset[str]]
"""What can be chosen, by custom field."""


class Treatment(Enum):
    """What becomes of a column's values; the words are those of docs/privacy.md."""

    DROPPED = "dropped"
    PERSON = "as the address or the user id it is made of"
    PSEUDONYM = "keyed pseudonym, at the address's domain"
    BARE_PSEUDONYM = "keyed pseudonym, without the domain"
    USER_PSEUDONYM = "keyed pseudonym"
    ID = "kept where it has an id's form; else keyed pseudonym"
    CHOICES = "kept where it is one of the field's options; else the row is left out"
    COMMON = f"kept where two people gave it; else `{WITHHELD}`"
    NO_ADDRESSES = "kept; addresses within are cut out"
    KNOWN_MEMBERS = "members alone that are known to say nothing of a person; addresses cut out"


@dataclass(frozen=True)
class Rule:
    """What a kind of content is, and what becomes of it in the two stricter modes."""

    what: str
    pseudonymised: Treatment
    minimal: Treatment


_T = Treatment
RULES: dict[Holds, Rule] = {
    "address": Rule("a person's address", _T.PSEUDONYM, _T.BARE_PSEUDONYM),
    "person": Rule("a person's address, or else user id", _T.PERSON, _T.PERSON),
    "name": Rule("a person's name", _T.DROPPED, _T.DROPPED),
    "city": Rule("a person's city", _T.DROPPED, _T.DROPPED),
    "country": Rule("a person's country", _T.NO_ADDRESSES, _T.DROPPED),
    "organisation": Rule("a person's organisation", _T.NO_ADDRESSES, _T.DROPPED),
    "role": Rule("a person's role there", _T.NO_ADDRESSES, _T.DROPPED),
    "profile": Rule("a link to a person's picture or profile", _T.DROPPED, _T.DROPPED),
    "user id": Rule("Airmeet's id of a person", _T.ID, _T.USER_PSEUDONYM),
    "form answer": Rule("an answer on a registration form", _T.CHOICES, _T.CHOICES),
    "poll answer": Rule("an answer to a poll", _T.COMMON, _T.COMMON),
    "question": Rule("what a person wrote", _T.DROPPED, _T.DROPPED),
    "words": Rule(
        "the organisers' words, which may mention somebody", _T.NO_ADDRESSES, _T.NO_ADDRESSES
    ),
    "link": Rule("a link", _T.NO_ADDRESSES, _T.NO_ADDRESSES),
    "payload": Rule("what a webhook delivered", _T.KNOWN_MEMBERS, _T.KNOWN_MEMBERS),
}


_ID = re.compile(r"(?=.*[0-9])(?=.*[A-Za-z])[A-Za-z0-9_-]{8,64}")
"""Ids that can be no name, telephone number or address: the API puts names in their place."""

_REVISION = 2
"""Raised where a stricter mode stores less than before, so that all is fetched anew."""


class Pseudonyms:
    """Keyed pseudonyms: the same for all spellings of an address, and different for every key."""

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def of_address(self, address: str, with_domain: bool) -> str:
        """An address that stands for this one; blank stays blank."""
        key = person_key(address)
        if key is None:
            return ""
        _, at, domain = key.rpartition("@")
        digest = self._digest(f"address {key}")
        # What stands behind the @ may be anything, a name among it.
        return (
            f"{digest}@{domain if with_domain and is_domain(domain) else _NOWHERE}"
            if at
            else digest
        )

    def of_user(self, user_id: str) -> str:
        """An id that stands for this one."""
        return self._digest(f"user {user_id}")

    def _digest(self, text: str) -> str:
        return hmac.digest(self._key, text.encode(), "sha256")[:16].hex()


class PrivacyPolicy:
    """Treats the tables of a run."""

    def __init__(self, mode: Mode = "plain", key: str = "", erased: ErasureList = EMPTY) -> None:
        """Nothing is read.

        Args:
            mode: what is stored.
            key: of the pseudonyms.
            erased: who is kept out.
        """
        self.mode = mode
        self.has_key = bool(key)
        self.pseudonyms = Pseudonyms(key)
        self.erased = ErasureList(erased.salt, erased.digests, self._stored_user)

    @property
    def needs_options(self) -> bool:
        """Whether form answers can be treated only beside their fields' options."""
        return self.mode != "plain"

    @property
    def version(self) -> str:
        """Differs where what is stored differs; empty in the plain mode."""
        if self.mode == "plain":
            return ""
        return f"{self.mode} {_REVISION} {self.pseudonyms.of_user('')}"

    def forms_of(self, address: str) -> list[str]:
        """What the address may be stored as: in the plain mode, and with this key in the others."""
        forms = [person_key(address) or ""]
        if self.has_key:
            forms += [self.pseudonyms.of_address(address, domain) for domain in (True, False)]
            # An earlier version kept whatever stood behind the @.
            digest = forms[-1].partition("@")[0]
            forms.append(f"{digest}@{forms[0].rpartition('@')[2]}")
        return [*dict.fromkeys(forms)]

    def apply(
        self, name: str, rows: pa.Table, options: FieldOptions | None = None
    ) -> tuple[pa.Table, set[str]]:
        """What of a table's rows is stored, and the columns that are not stored at all.

        Args:
            name: the table.
            rows: as the API gives them.
            options: of the airmeet's custom fields, for the table of form answers.
        """
        table = RAW_TABLES[name]
        if self.erased:
            rows = self._without_erased(table, rows)
        rows, left_out = self._without_credentials(table, rows)
        if self.mode != "plain":
            strange = {
                field.name
                for field in rows.schema
                if field.name not in table.by_name
                and field.name != REMOVED
                and not pa.types.is_boolean(field.type)
            }
            rows = self._by_rule(table, rows.drop_columns(sorted(strange)), options or {})
            left_out |= strange
        return rows, left_out

    def _without_erased(self, table: Table, rows: pa.Table) -> pa.Table:
        addresses = _holding(table, rows, "address")
        users = _holding(table, rows, "user id")
        gone = pa.array([False] * len(rows), pa.bool_())
        nameless = pa.array([True] * len(rows), pa.bool_())
        for name in addresses:
            gone = pc.or_(gone, _flags(rows[name], self.erased.has_address))
            nameless = pc.and_(nameless, _flags(rows[name], lambda a: not person_key(a), True))
        for name in users:
            # Some lists give addresses in place of ids.
            gone = pc.or_(gone, _flags(rows[name], self.erased.has_address_as_id))
            for user in rows[name].filter(gone).unique().to_pylist():
                if user is not None:
                    self.erased.note_user(user)
            if pc.any(nameless).as_py():
                known = _flags(rows[name], self.erased.has_user)
                gone = pc.or_(gone, pc.and_(known, nameless))
        if pc.any(gone).as_py():
            rows = rows.filter(pc.invert(gone))
        for field in rows.schema:
            if not pa.types.is_string(field.type) or field.name in (*addresses, *users):
                continue
            if _may_hold_addresses(rows[field.name]):
                rows = _changed(rows, field.name, self.erased.without_people)
        return rows

    def _without_credentials(self, table: Table, rows: pa.Table) -> tuple[pa.Table, set[str]]:
        left_out: set[str] = set()
        for field in rows.schema:
            column = table.by_name.get(field.name)
            if column is None and is_credential_field(field.name):
                left_out.add(field.name)
                continue
            is_suspect = column is None or column.kind == "json"
            if column is not None and column.holds in ("link", "profile", "words"):
                is_suspect = True
            if is_suspect and pa.types.is_string(field.type):
                values = rows[field.name]
                if (
                    is_document(values)
                    or pc.any(pc.match_substring_regex(values, MAY_HOLD)).as_py()
                ):
                    rows = _changed(rows, field.name, without_credentials)
        return rows.drop_columns(sorted(left_out)), left_out

    def _by_rule(self, table: Table, rows: pa.Table, options: FieldOptions) -> pa.Table:
        for column in table.columns:
            if column.name not in rows.schema.names or column.kind not in ("text", "json"):
                continue
            if pa.types.is_dictionary(rows.schema.field(column.name).type):
                continue  # the same in all rows: the id of what they are of, or a word of our own
            treatment = self._treatment(table, column)
            if treatment is None:
                continue
            change = self._change(treatment)
            if change is not _cut_addresses or _may_hold_addresses(rows[column.name]):
                rows = _changed(rows, column.name, change)
            if treatment is Treatment.CHOICES:
                rows = _chosen(rows, column.name, options)
            elif treatment is Treatment.COMMON:
                rows = _common(rows, column.name)
        return rows

    def _treatment(self, table: Table, column: Column) -> Treatment | None:
        if column.holds is not None:
            rule = RULES[column.holds]
            return rule.minimal if self.mode == "minimal" else rule.pseudonymised
        # The API is asked by the ids of things, and rows are replaced by them.
        is_id = column.name in table.keys and column.name.endswith("_id")
        return None if is_id else Treatment.NO_ADDRESSES

    def _change(self, treatment: Treatment) -> Callable[[str], str | None]:
        match treatment:
            case Treatment.DROPPED:
                return lambda text: None
            case Treatment.PSEUDONYM:
                return lambda address: self.pseudonyms.of_address(address, True)
            case Treatment.BARE_PSEUDONYM:
                return lambda address: self.pseudonyms.of_address(address, False)
            case Treatment.PERSON:
                return self._stored_person
            case Treatment.USER_PSEUDONYM | Treatment.ID:
                return self._stored_user
            case Treatment.KNOWN_MEMBERS:
                return lambda text: _cut_addresses(with_known_members(text))
            case _:
                return _cut_addresses

    def _stored_person(self, key: str) -> str:
        if (user_id := user_of(key)) is not None:
            return person_key(None, self._stored_user(user_id)) or ""
        return self.pseudonyms.of_address(key, self.mode != "minimal")

    def _stored_user(self, user_id: str) -> str:
        if self.mode == "plain" or not user_id.strip():
            return user_id
        if "@" in user_id:  # an address in place of an id
            return self.pseudonyms.of_address(user_id, self.mode != "minimal")
        is_kept = self.mode != "minimal" and _ID.fullmatch(user_id)
        return user_id if is_kept else self.pseudonyms.of_user(user_id)


def _cut_addresses(text: str) -> str:
    return in_all_texts(text, without_addresses)


def policy_of(mode: str, key: str | None, erased: ErasureList = EMPTY) -> PrivacyPolicy:
    """What treats tables by these settings.

    Raises:
        SettingsError: the mode is unknown, or lacks its key.
    """
    return PrivacyPolicy(check_privacy(mode, key), key or "", erased)


def options_of(options: pa.Table) -> FieldOptions:
    """What can be chosen in each custom field, as codes and as the form displays them.

    Args:
        options: rows of `custom_field_options`.
    """
    found: dict[str, frozenset[str]] = {}
    for row in options.to_pylist():
        words = {row[name] for name in ("code", "display_value")} - {None}
        found[row["field_id"]] = found.get(row["field_id"], frozenset()) | words
    return found


def is_document(values: pa.ChunkedArray) -> bool:
    """Whether one of the texts may be JSON."""
    return bool(pc.any(pc.match_substring_regex(values, r"^[\[{]")).as_py())


def _may_hold_addresses(values: pa.ChunkedArray) -> bool:
    return bool(pc.any(pc.match_substring_regex(values, r"@|%40|\\u0040")).as_py())


def _holding(table: Table, rows: pa.Table, what: Holds) -> list[str]:
    names = set(rows.schema.names)
    return [c.name for c in table.columns if c.holds == what and c.name in names]


def _changed(rows: pa.Table, name: str, change: Callable[[str], str | None]) -> pa.Table:
    """The rows with another writing of one text column; each distinct value is changed once."""
    place = rows.schema.get_field_index(name)
    encoded = pa.chunked_array(rows[name].chunks, pa.string()).combine_chunks().dictionary_encode()
    fresh = pa.array([change(value) for value in encoded.dictionary.to_pylist()], pa.string())
    return rows.set_column(place, rows.schema.field(place), fresh.take(encoded.indices))


def _flags(
    values: pa.ChunkedArray, holds: Callable[[str], bool], where_null: bool = False
) -> pa.Array:
    """Which of the texts a test holds for; each distinct value is tested once."""
    encoded = pa.chunked_array(values.chunks, pa.string()).combine_chunks().dictionary_encode()
    tested = pa.array([holds(value) for value in encoded.dictionary.to_pylist()], pa.bool_())
    return pc.fill_null(tested.take(encoded.indices), where_null)


def _chosen(rows: pa.Table, name: str, options: FieldOptions) -> pa.Table:
    """The rows whose value is one of the options of their field."""
    pairs = zip(rows["field_id"].to_pylist(), rows[name].to_pylist(), strict=True)
    keep = [value in options.get(field, ()) for field, value in pairs]
    return rows.filter(pa.array(keep, pa.bool_()))


def _common(rows: pa.Table, name: str) -> pa.Table:
    """The rows with each answer that a single person gave to its question withheld.

    The API does not say which polls let people write: what two write alike is taken for a choice.
    """
    columns = [rows[n].to_pylist() for n in ("question", name, "email", "user_id")]
    answered = list(zip(*columns, strict=True))
    givers: dict[tuple[Any, Any], set[str]] = {}
    for question, answer, email, user_id in answered:
        givers.setdefault((question, answer), set()).add(person_key(email, user_id) or "")
    answers = [
        answer if not (answer or "").strip() or len(givers[question, answer]) > 1 else WITHHELD
        for question, answer, _, _ in answered
    ]
    place = rows.schema.get_field_index(name)
    return rows.set_column(place, rows.schema.field(place), pa.array(answers, pa.string()))
