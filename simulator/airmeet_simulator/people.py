"""The people of the community, each a pure function of the seed and their number."""

from base64 import urlsafe_b64encode
from functools import lru_cache
from random import Random
from typing import NamedTuple

from .draws import mix
from .names import COMPANIES, DESIGNATIONS, FIRST, FREE_MAIL, LAST, PLACES

# People added with name and address are numbered from here; generated ones stay below.
GIVEN = 1 << 31
# The first few generated people run the community and host its events.
TEAM = 12

# Some companies come more often from year to year, and some less.
_TRENDS = (0.8, -0.6, 0.0, 0.0, 0.3)

_DOMAINS = tuple(
    "".join(c for c in company.lower() if c.isascii() and c.isalnum()) + ".example.com"
    for company in COMPANIES
)


class Person(NamedTuple):
    """A person; `email` is in lower case, without blanks."""

    number: int
    email: str
    name: str | None
    city: str | None
    country: str | None
    organisation: str | None
    designation: str | None

    @property
    def user_id(self) -> str:
        """Their id, the same at every airmeet."""
        # An odd multiplier permutes the 48-bit numbers: no two people share an id.
        mixed = self.number * 0x5DEECE66D % (1 << 48)
        return urlsafe_b64encode(mixed.to_bytes(6, "little")).decode()


class People:
    """`size` generated people, and those added later."""

    def __init__(self, seed: int, size: int) -> None:
        self.size = size
        self._seed = seed
        self._given: list[Person] = []
        # Enough for the events in hand; a person costs about half a kilobyte.
        self._generated = lru_cache(maxsize=65_536)(self._generate)

    def person(self, number: int) -> Person:
        """Return the person of this number."""
        return self._given[number - GIVEN] if number >= GIVEN else self._generated(number)

    def give(
        self,
        email: str,
        name: str | None,
        city: str | None = None,
        country: str | None = None,
        organisation: str | None = None,
        designation: str | None = None,
    ) -> int:
        """Add a person, and return the number."""
        number = GIVEN + len(self._given)
        self._given.append(
            Person(number, email.strip().lower(), name, city, country, organisation, designation)
        )
        return number

    def team(self) -> dict[str, int]:
        """Return the community's managers and team members: address to number."""
        return {self.person(number).email: number for number in range(TEAM)}

    def strangers(self, draw: Random, count: int, taken: set[int]) -> list[int]:
        """Draw people who are not in `taken`, and add them; low numbers are drawn more often."""
        found: list[int] = []
        size = self.size - TEAM
        while len(found) < count:
            person = TEAM + int(size * draw.random() ** 1.5)
            if person not in taken:
                taken.add(person)
                found.append(person)
        return found

    def eagerness(self, number: int) -> float:
        """Return how much somebody likes to take part: 0 to 1."""
        return 0.5 if number >= GIVEN else mix(self._seed, number, 1) % 1000 / 1000

    def inclination(self, number: int, when: float) -> float:
        """Return how much likelier than others somebody is to come, about 1.

        It differs between people, countries and companies; with a company it changes over the two
        years, of which `when` is the share that has passed.
        """
        if number >= GIVEN:
            return 1.0
        bits = mix(self._seed, number)
        country = (0.75, 1.0, 1.25)[(bits >> 16) % len(PLACES) % 3]
        trend = 0.0 if _has_free_mail(number, bits) else _TRENDS[_company(bits) % len(_TRENDS)]
        return (0.5 + self.eagerness(number)) * country * (1 + trend * (when - 0.5) * 2)

    def _generate(self, number: int) -> Person:
        bits = mix(self._seed, number)
        first, first_ascii = FIRST[bits % len(FIRST)]
        last, last_ascii = LAST[(bits >> 8) % len(LAST)]
        city, country = PLACES[(bits >> 16) % len(PLACES)]
        company = _company(bits)
        free_mail = _has_free_mail(number, bits)
        domain = FREE_MAIL if free_mail else _DOMAINS[company]
        return Person(
            number=number,
            email=f"{first_ascii}.{last_ascii}{number}@{domain}",
            name=None if (bits >> 48) % 128 == 0 else f"{first} {last}",
            city=None if (bits >> 48) % 16 == 1 else city,
            country=None if (bits >> 48) % 32 == 1 else country,
            organisation=None if free_mail and bits >> 40 & 1 else COMPANIES[company],
            designation=None if (bits >> 56) % 16 == 0 else DESIGNATIONS[(bits >> 56) % 15],
        )


def _company(bits: int) -> int:
    # The smaller of two draws: some companies send far more people than others.
    return min((bits >> 24) % len(COMPANIES), (bits >> 32) % len(COMPANIES))


def _has_free_mail(number: int, bits: int) -> bool:
    return number >= TEAM and (bits >> 40) % 100 < 35


def spelled(email: str, bits: int) -> str:
    """Write an address as people do: sometimes in capitals or with a blank at an end."""
    match bits % 24:
        case turn if turn > 3:
            return email
        case 0:
            return email.upper()
        case 1:
            return email.title()
        case 2:
            return f" {email}"
        case _:
            return f"{email} "
