"""What an address is, and where it stands within a text."""

import pytest
from airmeet.addresses import is_address, is_domain, without_addresses
from hypothesis import given
from hypothesis import strategies as st

ALLOWED = (
    "ann@example.com",
    "a@b",
    "o'neil+tag@sub.example.com",
    "100%_of_it=a/b{c}|d~e!#$&*^`?@example.com",
    '"ann b"@example.com',
    '"a@b, (c) <d> \\" \\\\"@example.com',
    "ann@[192.0.2.1]",
    "ann@[IPv6:2001:db8::1]",
    "名前@例え.テスト",
    "अन@उदाहरण.भारत",
    "ann.@example.com",
)
"""Addresses that RFC 5321 and RFC 6531 allow; and one that providers gave out."""

NONE = (
    "",
    "ann",
    "ann@",
    "@example.com",
    "a b@c",
    "a@b c",
    "<a@b>",
    "a@b@c",
    "a@.b",
    "a@b.",
    "a@b,c",
)


@pytest.mark.parametrize("address", ALLOWED)
def test_what_the_rfc_allows_is_an_address(address: str) -> None:
    assert is_address(address)
    text = f"Ask {address}, please"
    assert without_addresses(text) == "Ask (address), please"
    assert without_addresses(text, lambda found: found == address, "X") == "Ask X, please"


@pytest.mark.parametrize("text", NONE)
def test_what_is_none(text: str) -> None:
    assert not is_address(text)


def test_what_stands_behind_an_at_need_not_be_a_domain() -> None:
    assert is_domain("sub.example.com") and is_domain("उदाहरण.भारत")
    for text in ("example.com <ann plainname>", "[192.0.2.1]", "localhost", "a..b", ""):
        assert not is_domain(text)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("to=ann@example.com&x=1", "to=X&x=1"),
        ("mailto:ann%40example.com", "mailto:X"),
        ("https://a.example.com/u/ann@example.com?q", "https://a.example.com/u/X?q"),
        ('{"a": "\\"ann b\\"@example.com"}', '{"a": "\\"ann b\\"@example.com"}'),
        ("请联系ann@example.com谢谢", "请联系X谢谢"),
        ("«ann@example.com»", "«X»"),
        ("'ann@example.com'", "'X'"),
        ("_ann@example.com_ Ann@Example.com.", "_X_ X."),
        ("mann@example.com x-ann@example.com ann@example.com.au", None),
        ("ann@example.computer ann@bob.example.com", None),
    ],
)
def test_one_address_is_cut_out_of_a_text_and_no_other(text: str, left: str | None) -> None:
    cut = without_addresses(text, lambda found: found.lower() == "ann@example.com", "X")
    assert cut == (text if left is None else left)


@given(st.text(alphabet="a@%40\"\\' =/[].,:é名\u200b", max_size=40))
def test_any_text_is_read_and_without_addresses_has_none(text: str) -> None:
    cut = without_addresses(text)
    assert without_addresses(text, lambda found: False) == text
    assert without_addresses(cut) == cut
