"""The writes that Airmeet's gateway alone serves, beside those of the specification."""

from dataclasses import replace

from .declaration import Field, Write

_ATTENDEE = (Field("email", "attendeeEmail", "email", required=True, says="who"),)

ADDED = {
    write.table: replace(write, gateway_only=True)
    for write in (
        Write(
            "blocks",
            "",
            "block",
            "PUT",
            "/airmeet/{airmeet_id}/attendee/block",
            _ATTENDEE,
            ("email",),
            "Blocks attendees: they are put out of the airmeet, and their links no longer let "
            "them in.",
            "email\ntroll@example.com\n",
            # Who is blocked stays blocked.
            repeatable=True,
            confirmed=True,
        ),
        Write(
            "unblocks",
            "",
            "unblock",
            "PUT",
            "/airmeet/{airmeet_id}/attendee/unblock",
            _ATTENDEE,
            ("email",),
            "Takes a block back.",
            "email\ntroll@example.com\n",
            repeatable=True,
        ),
        Write(
            "session_deletions",
            "",
            "delete",
            "DELETE",
            "/airmeet/{airmeet_id}/session/{session_id}",
            (
                Field(
                    "session_id",
                    "sessionId",
                    required=True,
                    says="as in the table `sessions`",
                ),
            ),
            ("session_id",),
            "Deletes sessions. This is not to be undone.",
            "session_id\n7b0f2a6e-5d43-4c1b-9f0a-3f1e2d4c5b6a\n",
            # What is deleted is not there to be deleted again: ids are not given twice.
            repeatable=True,
            takes_away=True,
            confirmed=True,
        ),
        Write(
            "booths",
            "",
            "create",
            "POST",
            "/airmeet/{airmeet_id}/booths",
            (
                Field("name", "name", required=True, says="no other booth of the airmeet has it"),
                Field("exhibitors", "exhibitors", "emails", says="who staffs it"),
                Field("tags", "tags", "texts"),
                Field("chat_enabled", "metaData.chatEnabled", "flag"),
                Field("lounge_enabled", "metaData.loungeEnabled", "flag"),
                Field("broadcast_enabled", "metaData.broadcastEnabled", "flag"),
                Field("table_count", "metaData.tableCount", "count", says="tables in its lounge"),
            ),
            ("name",),
            "Creates booths.",
            "name,exhibitors,tags,chat_enabled,lounge_enabled,broadcast_enabled,table_count\n"
            "Acme,ann@example.com; bob@example.com,Gold; Data,true,true,false,8\n"
            "Globex,,,,,,\n",
            creates=True,
        ),
        Write(
            "duplications",
            "",
            "duplicate",
            "POST",
            "/airmeet/{airmeet_id}/duplication",
            (
                Field("event_name", "eventName", required=True, least=3, most=80),
                Field("start_time", "startTime", "time", required=True),
                Field("timezone", "timezone", "zone", required=True),
                Field(
                    "duplicate_speakers",
                    "duplicateSpeakers",
                    "flag",
                    says="whether its speakers are taken over",
                ),
            ),
            ("event_name", "start_time"),
            "Makes airmeets with the content of one that there is; `airmeet_id` names that one. "
            "The new airmeet's id is `result_id` in the table `pushes`.",
            "event_name,start_time,timezone,duplicate_speakers\n"
            "Monthly review in May,2030-05-02T10:00,Europe/Berlin,true\n"
            "Monthly review in June,2030-06-06T10:00,Europe/Berlin,false\n",
            creates=True,
            lasting=True,
        ),
    )
}
"""By table."""
