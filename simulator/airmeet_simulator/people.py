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

    def _generate(self, number: int) -> Person:
        bits = mix(self._seed, number)
        first, first_ascii = FIRST[bits % len(FIRST)]
        last, last_ascii = LAST[(bits >> 8) % len(LAST)]
        city, country = PLACES[(bits >> 16) % len(PLACES)]
        # The smaller of two draws: some companies send far more people than others.
        company = min((bits >> 24) % len(COMPANIES), (bits >> 32) % len(COMPANIES))
        chance = (bits >> 40) % 100
        free_mail = number >= TEAM and chance < 35
        domain = f"{FREE_MAIL[chance % 4]}.example.com" if free_mail else _DOMAINS[company]
        return Person(
            number=number,
            email=f"{first_ascii}.{last_ascii}{number}@{domain}",
            name=None if (bits >> 48) % 128 == 0 else f"{first} {last}",
            city=None if (bits >> 48) % 16 == 1 else city,
            country=None if (bits >> 48) % 32 == 1 else country,
            organisation=None if free_mail and chance % 2 else COMPANIES[company],
            designation=None if (bits >> 56) % 16 == 0 else DESIGNATIONS[(bits >> 56) % 15],
        )


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
