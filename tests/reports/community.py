"""A small community by hand: seven airmeets, each there for definitions that differ.

    spring  India, finished, all loaded; sessions, polls, questions, booths
    night   New York, starts on 31 March there and on 1 April in UTC; sessions alone
    may     attendance alone, with its times, and only people who had not registered
    june    attendance is still being prepared, questions failed
    late    in the same month as june; one session, and four people of one company
    off     called off: nothing to give
    next    to come: nothing to give yet

All but late and off are in the series talks, with two that the list never had; late and spring are
in one whose name is not known. Spring is hybrid.

In spring, Hal is host (known by user id), Sue speaker (by address), Eva exhibitor, Max says that
he is a speaker by his type; Wes walks in; one attendee has no address.
"""

from tests.reports.raw import Tables, at, of_community, rows, synced

FETCHED = at("2026-06-25 06:00")
SPRING_START, NIGHT_START = at("2026-03-01 04:00"), at("2026-04-01 02:00")
MAY_START, LATE_START = at("2026-05-05 09:00"), at("2026-06-20 09:00")
JUNE_START, OFF_START = at("2026-06-10 09:00"), at("2026-05-28 09:00")

ANN, BOB, CYD = "ann@acme.example.com", "bob@acme.example.com", "cyd@birch.example.com"
DAN, WES, FAY = "dan@birch.example.com", "wes@mail.example.com", "fay@fir.example.com"
HAL, SUE = "hal@stage.example.com", "sue@stage.example.com"
EVA, MAX = "eva@booth.example.com", "max@stage.example.com"

TABLES: Tables = {
    "airmeets": rows("airmeet_id", "name", "status", "timezone", "start_time", "end_time")(
        ("spring", "Spring", "FINISHED", "Asia/Kolkata", SPRING_START, at("2026-03-02 04:00")),
        ("night", "Night", "FINISHED", "america/new_york", NIGHT_START, at("2026-04-01 04:00")),
        ("may", "May", "FINISHED", "UTC", MAY_START, at("2026-05-05 12:00")),
        ("late", "Late", "FINISHED", "UTC", LATE_START, at("2026-06-20 12:00")),
        ("june", "June", "FINISHED", "No/Where", JUNE_START, at("2026-06-10 12:00")),
        ("next", "Next", "CREATED", "UTC", at("2026-07-10 09:00"), at("2026-07-10 12:00")),
        ("off", "Off", "CREATED", None, OFF_START, at("2026-05-28 12:00")),
    ),
    "sessions": rows("airmeet_id", "session_id", "name", "status", "start_time", "duration")(
        ("spring", "s1", "Opening", "FINISHED", SPRING_START, 30.0),
        ("spring", "s2", "Middle", "FINISHED", None, None),
        ("spring", "s3", "More", "FINISHED", None, None),
        ("spring", "s4", "End", "FINISHED", None, None),
        ("spring", "s5", "Never held", "CREATED", None, None),
        ("night", "n1", "Talk", "FINISHED", NIGHT_START, 20.0),
        ("late", "l1", "Talk", "FINISHED", LATE_START, 20.0),
        ("late", "l2", "Never held", "CREATED", None, None),
        ("june", "j1", "Talk", "FINISHED", JUNE_START, 20.0),
    ),
    "session_people": rows("airmeet_id", "session_id", "role", "id", "name", "email")(
        ("spring", "s1", "host", "u-hal", None, None),
        ("spring", "s1", "speaker", "u-1", None, None),
        ("spring", "s1", "speaker", "u-7", 'Sue "Q Smith', "Sue@Stage.example.com "),
    ),
    "custom_fields": rows("airmeet_id", "field_id", "label")(
        ("spring", "f1", "Role"),
        ("spring", "f2", "Diet"),
        ("spring", "f3", "Wish"),
    ),
    "custom_field_options": rows("airmeet_id", "field_id", "code", "display_value")(
        ("spring", "f1", "dev", "Developer"),
        ("spring", "f1", "ops", "Ops"),
        ("spring", "f2", "o", 'Other "please say"'),
    ),
    "registrations": [
        *rows(
            "airmeet_id", "email", "name", "organisation", "registration_date", "country",
            "designation", "attendance_type",
        )(
            # 20:00 in UTC is the next day in India
            ("spring", "Ann@Acme.example.com", "Ann", "Acme", at("2026-02-25 20:00"), "India",
             "Vice-President, Marketing", "IN-PERSON"),
            ("spring", CYD, "Cyd", "Birch", at("2026-02-28 10:00"), "India", "Director of Sales",
             "virtual"),
            ("spring", DAN, "Dan", "Birch", None, " india", "Ingénieur", "by post"),
        ),
        *rows("airmeet_id", "email", "name", "organisation", "registration_date")(
            ("spring", BOB, "Bob", None, at("2026-02-26 10:00")),
            ("spring", SUE, "Sue", None, at("2026-02-28 11:00")),
            ("spring", None, "Nobody", None, at("2026-02-28 12:00")),
            ("night", ANN, "Ann Lee", None, at("2026-03-30 15:00")),
            ("night", CYD, None, "Birch & Co", at("2026-04-02 15:00")),  # after the end
            ("june", ANN, "Ann Ray", "Acme", at("2026-06-01 15:00")),
            ("june", FAY, "Fay", None, at("2026-06-10 23:00")),
            ("off", CYD, None, None, at("2026-05-27 15:00")),
            ("next", WES, None, None, at("2026-06-24 15:00")),
            ("off", ANN, None, None, at("2026-05-27 15:00")),
        ),
    ],
    "participants": rows("airmeet_id", "email", "user_type", "attendance_type")(
        ("spring", ANN, "Registered User", "VIRTUAL"),  # the registration counts
        ("spring", BOB, "Registered User", "In person"),
        ("spring", MAX, "Speaker", None),
    ),
    "participant_answers": rows("airmeet_id", "email", "field_id", "value")(
        ("spring", ANN, "f1", "dev"),
        ("spring", ANN, "f1", "ops"),
        ("spring", BOB, "f2", "o"),
        ("spring", BOB, "f3", "Free text"),
        ("spring", BOB, "f9", "dev"),  # of a field that is gone
        ("spring", None, "f1", "dev"),
    ),
    "event_attendance": [
        *rows("airmeet_id", "id", "email", "name", "user_id")(
            ("spring", 1, ANN, "Ann", "u-ann"),
            ("spring", 2, " BOB@acme.example.com", "Bob", "u-bob"),
            ("spring", 3, CYD, "Cyd", "u-cyd"),
            ("spring", 4, WES, "Wes", "u-wes"),
            ("spring", 5, HAL, "Hal", "u-hal"),
            ("spring", 6, SUE, "Sue", "u-sue"),
            ("spring", 7, EVA, "Eva", "u-eva"),
            ("spring", 8, MAX, "Max", "u-max"),
            ("spring", 9, None, "Nobody", "u-x"),
            ("night", 10, ANN, "Ann", "u-ann"),
            ("night", 11, BOB, "Bob", "u-bob"),
            ("late", 15, BOB, "Bob", "u-bob"),
            *(("late", 15 + n, f"p{n}@oak.example.com", None, f"u-p{n}") for n in (1, 2, 3, 4)),
            ("june", 12, ANN, "Ann", "u-ann"),  # left from an earlier load
        ),
        *rows("airmeet_id", "id", "email", "name", "user_id", "time_stamp", "time_spent")(
            ("may", 13, BOB, "Bob", "u-bob", MAY_START, 120 * 60_000),
            ("may", 14, DAN, "Dan", "u-dan", at("2026-05-05 09:30"), 30 * 60_000),
        ),
    ],
    "session_attendance": rows("airmeet_id", "session_id", "id", "email")(
        ("spring", "s1", 1, ANN),
        ("spring", "s1", 2, "ANN@acme.example.com"),
        ("spring", "s2", 3, ANN),
        ("spring", "s3", 4, ANN),
        ("spring", "s4", 5, ANN),
        ("spring", "s1", 6, BOB),
        ("spring", "s1", 7, HAL),
        ("spring", "s1", 8, None),
        ("night", "n1", 9, ANN),
        ("late", "l1", 10, "p1@oak.example.com"),
        ("late", "l1", 11, "p2@oak.example.com"),
    ),
    "booths": rows("airmeet_id", "booth_id", "name")(
        ("spring", "b1", "Booth 1"),
        ("spring", "b2", "Booth 2"),
        ("spring", "b3", "Booth 3"),
    ),
    "booth_exhibitors": rows("airmeet_id", "booth_id", "email")(
        ("spring", "b1", "Eva@Booth.example.com"),
    ),
    "booth_attendance": rows(
        "airmeet_id", "booth_id", "id", "email", "name", "visits", "interested_in_being_contacted",
    )(
        ("spring", "b1", 1, ANN, "Ann", 2, False),
        ("spring", "b1", 2, "Ann@acme.example.com ", "Ann", 1, True),
        ("spring", "b2", 3, ANN, "Ann", 1, None),
        ("spring", "b1", 4, EVA, "Eva", 5, True),  # the exhibitor
        ("spring", "b1", 5, CYD, None, None, False),
        ("spring", "b1", 6, None, "Nobody", 2, True),
    ),
    "poll_responses": rows(
        "airmeet_id", "user_id", "position", "email", "question", "answer", "time_stamp",
    )(
        ("spring", "u-ann", 0, ANN, "Tea?", "Yes", None),
        ("spring", "u-ann", 1, ANN, "Tea? ", "No", None),  # the last answer counts
        ("spring", "u-ann", 2, ANN, "Milk?", None, None),
        ("spring", "u-bob", 0, BOB, "Tea?", "Yes", None),
        ("spring", "u-bob", 1, BOB, "Tea?", None, None),  # asked again, left unanswered
        ("spring", "u-cyd", 0, CYD, "Tea?", None, None),
        ("spring", "u-wes", 2, WES, "Milk?", "Oat", None),
        # answered last is answered last, whatever its place
        ("spring", "u-wes", 0, WES, "Tea?", "Yes", at("2026-03-01 05:00")),
        ("spring", "u-wes", 1, WES, "Tea?", "No", at("2026-03-01 04:30")),
        ("spring", "u-x", 0, None, "Tea?", "Yes", None),
    ),
    "questions": rows(
        "airmeet_id", "user_id", "position", "email", "name", "question", "session_id",
        "upvote_count",
    )(
        ("spring", "u-ann", 0, ANN, "Ann", "When?", "s1", 3),
        ("spring", "u-bob", 0, BOB, "Bob", "Where?", "s1", 5),
        ("spring", "u-bob", 1, BOB, "Bob", "Why?", "s2", None),
        ("spring", "u-bob", 2, BOB, "Bob", "Why not?", "s2", None),
        ("spring", "u-wes", 0, WES, "Wes", "Who?", None, 1),
        ("late", "u-p3", 0, "p3@oak.example.com", None, "What?", None, 0),
        ("spring", "u-x", 0, None, "Nobody", "How?", "s1", 3),
    ),
    "event_series": of_community(
        *rows("series_id", "name")(("talks", " Talks "), ("empty", "Nothing yet"))
    ),
    "event_series_airmeets": of_community(
        *rows("series_id", "airmeet_id", "name", "start_time")(
            ("talks", "night", "Another name", at("2026-01-01 00:00")),
            ("talks", "gone", "Put away", at("2026-01-15 09:00")),
        ),
        *rows("series_id", "airmeet_id")(
            *(("talks", airmeet_id) for airmeet_id in ("may", "spring", "june", "next", "lost")),
            ("other", "late"),
            ("other", "spring"),
        ),
    ),
    "cta_clicks": rows(
        "airmeet_id", "delivery_id", "position", "email", "cta_text", "cta_link", "clicked_at",
        "received_at",
    )(
        ("spring", "d1", 0, ANN, "Demo", "https://example.com/d", None, at("2026-03-01 05:00")),
        ("spring", "d2", 0, ANN, " Demo", "https://example.com/d", at("2026-03-01 04:00"), FETCHED),
        ("spring", "d3", 0, "new@oak.example.com", "Demo", "https://example.com/d", None, FETCHED),
        ("spring", "d4", 0, None, None, "https://example.com/x", None, FETCHED),
        (None, "d5", 0, ANN, "Demo", None, None, FETCHED),
    ),
    "resource_views": rows(
        "airmeet_id", "delivery_id", "position", "email", "resource_id", "resource_name",
        "received_at",
    )(
        ("late", "r1", 0, "p3@oak.example.com", "r", "Slides", FETCHED),
        ("late", "r2", 0, "p3@oak.example.com", None, "Slides ", FETCHED),
        ("late", "r3", 0, "p3@oak.example.com", "s", "", FETCHED),
    ),
    "table_visits": rows(
        "airmeet_id", "delivery_id", "position", "email", "table_id", "table_name", "received_at",
    )(
        ("spring", "t1", 0, ANN, "a", "Table 1", FETCHED),
        ("spring", "t2", 0, ANN, " a", "Renamed", FETCHED),
        ("spring", "t3", 0, ANN, None, "Table 1", FETCHED),
        ("spring", "t4", 0, None, "b", None, FETCHED),
        (None, "t5", 0, ANN, "c", None, FETCHED),
    ),
    "engagement_scores": rows(
        "airmeet_id", "delivery_id", "position", "email", "score", "scored_at", "received_at"
    )(
        ("spring", "e1", 0, BOB, 40.0, None, at("2026-03-01 05:00")),
        ("spring", "e2", 0, BOB, 70.5, None, at("2026-03-01 06:00")),
        ("spring", "e3", 0, BOB, 10.0, at("2026-03-01 05:30"), FETCHED),
        ("spring", "e4", 0, BOB, None, None, FETCHED),
    ),
    "feed_syncs": [
        *synced("spring", FETCHED),
        *synced("night", FETCHED),
        *synced("may", FETCHED),
        *synced("late", FETCHED),
        *synced("june", FETCHED, event_attendance="pending", questions="failed"),
        *synced("next", FETCHED, event_attendance="unavailable"),
        *({"airmeet_id": "community", "feed": feed, "status": "loaded", "requested_at": FETCHED}
          for feed in ("event_series", "event_series_airmeets")),
        *synced("off", FETCHED, event_attendance="unavailable", session_attendance="unavailable"),
    ],
}  # fmt: skip
