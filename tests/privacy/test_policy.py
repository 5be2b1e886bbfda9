"""What the stricter modes make of values that stand where nobody expects them."""

from typing import Any

import orjson
import pyarrow as pa
import pytest
from airmeet.api.responses import plain_words
from airmeet.person import person_key
from airmeet.privacy.erasure import GONE, ErasureList
from airmeet.privacy.policy import PrivacyPolicy
from airmeet.schemas import TABLES
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.privacy.conftest import KEY

ADDRESSES = ("ann@example.com", '"ann b"@example.com', "ann@[192.0.2.1]", "a=b/c@example.com")


def stored(mode: Any, table: str, **values: Any) -> dict[str, Any]:
    """One row as a mode stores it."""
    schema = TABLES[table].arrow_schema
    fields = [
        schema.field(name) if name in schema.names else pa.field(name, pa.string())
        for name in values
    ]
    rows = pa.Table.from_pylist([values], pa.schema(fields))
    kept, _ = PrivacyPolicy(mode, KEY).apply(table, rows, {"f": frozenset({"Yes"})})
    return dict(kept.to_pylist()[0]) if kept.num_rows else {}


@pytest.mark.parametrize("mode", ["pseudonymised", "minimal"])
@pytest.mark.parametrize("name", ["Ann Plainname", "Plainname", "ann.plainname", "4915112345678"])
def test_a_name_in_place_of_an_id_is_not_stored(mode: str, name: str) -> None:
    row = stored(mode, "session_people", airmeet_id="m", session_id="s", role="speaker", id=name)
    assert name not in row["id"] and row["id"]
    same = stored(mode, "event_attendance", airmeet_id="m", user_id=name)
    assert same["user_id"] == row["id"], "staff are found by their ids"


def test_an_id_stays_in_the_mode_that_keeps_ids() -> None:
    assert stored("pseudonymised", "questions", user_id="9jWs2N5Ex")["user_id"] == "9jWs2N5Ex"
    assert stored("pseudonymised", "questions", user_id=" ")["user_id"] == " "
    assert stored("minimal", "questions", user_id="9jWs2N5Ex")["user_id"] != "9jWs2N5Ex"


@pytest.mark.parametrize("mode", ["pseudonymised", "minimal"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_no_column_of_any_table_stores_an_address(mode: str, address: str) -> None:
    for table in TABLES.values():
        texts = [column for column in table.columns if column.kind in ("text", "json")]
        values = {
            column.name: orjson.dumps({address: [f"by {address}"]}).decode()
            if column.kind == "json"
            else f"by {address}"
            for column in texts
            if not (column.name in table.keys and column.name.endswith("_id"))
        }
        ids = {c.name: "f" for c in texts if c.name not in values}
        row = stored(mode, table.name, unheard_of=address, **values, **ids)
        assert address not in str(row) and address not in str(row).replace("\\\\", "\\"), table.name


@pytest.mark.parametrize("mode", ["pseudonymised", "minimal"])
@pytest.mark.parametrize(
    "email", ["ann@example.com <Ann Plainname>", "Ann Plainname", "x@Ann Plainname", "x@[::1]"]
)
def test_what_stands_behind_the_at_is_kept_where_it_is_a_domain(mode: str, email: str) -> None:
    pseudonym = stored(mode, "registrations", email=email)["email"]
    assert "plainname" not in pseudonym.lower() and ":" not in pseudonym


def test_an_option_that_names_an_address_is_still_an_option() -> None:
    policy = PrivacyPolicy("pseudonymised", KEY)
    answers = pa.table({"field_id": ["f", "f"], "value": ["Ask ann@example.com", "own words"]})
    kept, _ = policy.apply("participant_answers", answers, {"f": frozenset({"Ask (address)"})})
    assert kept["value"].to_pylist() == ["Ask (address)"]


def test_the_api_s_words_lose_what_may_name_somebody() -> None:
    harmless = "Session status is not valid"
    assert plain_words(harmless) == harmless
    assert plain_words("Ann-Marie O'Neil (4915112345678) is not registered") == (
        "… is not registered"
    )
    assert plain_words("名前: 404 not found") == "…: 404 not found"


def only(address: str, *users: str) -> ErasureList:
    return ErasureList("salt").only([person_key(address) or ""], users)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_erased_person_is_cut_out_of_texts_and_documents(address: str) -> None:
    erased = only(address)
    assert erased.without_people(f"Ask {address.upper()}, please") == f"Ask {GONE}, please"
    document = {
        "list": [{"email": address, "name": "Ann"}, {"email": "bob@example.com"}],
        "one": {"email": address, "fullName": "Ann", "at": 3},
        address: {"name": "Ann"},
        "both": {"host": address, "guest": "bob@example.com"},
    }
    assert orjson.loads(erased.without_people(orjson.dumps(document).decode())) == {
        "list": [{"email": "bob@example.com"}],
        "one": {"email": GONE, "at": 3},
        "both": {"host": GONE, "guest": "bob@example.com"},
    }


def test_an_address_in_place_of_a_user_id_is_the_person_s() -> None:
    erased = only("ann@example.com")
    policy = PrivacyPolicy(erased=erased)
    rows = pa.table({"airmeet_id": ["m", "m"], "user_id": ["Ann@example.com", "u"]})
    kept, _ = policy.apply("questions", rows)
    assert kept["user_id"].to_pylist() == ["u"]


def test_who_was_erased_in_the_plain_mode_stays_away_in_a_stricter_one() -> None:
    plain = only("ann@example.com", "Plainname")
    for mode in ("plain", "pseudonymised", "minimal"):
        erased = PrivacyPolicy(mode, KEY, plain).erased
        assert erased.has_user("Plainname") and not erased.has_user("Another")


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=30))
def test_no_value_stops_a_mode(text: str) -> None:
    for name in ("session_people", "booths", "poll_responses"):
        texts = {c.name: text for c in TABLES[name].columns if c.kind in ("text", "json")}
        stored("pseudonymised", name, **texts)
