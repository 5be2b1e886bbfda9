"""`airmeet status` warns of recordings that are soon deleted."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.workplace import Workplace, simulated


def test_what_is_soon_deleted_and_not_copied_is_named(workplace: Workplace, tmp_path: Path) -> None:
    with simulated(airmeets=2, recording_bytes=1000) as (_, address):
        workplace.point_at(address.gateway, "global")
        assert workplace.run("load", "--no-reports").code == 0
        recorded = workplace.sql("select distinct airmeet_id from airmeet.session_recordings")
        airmeet = recorded[0][0]
        assert "not copied" not in workplace.run("status").out
        end = datetime.now(UTC) - timedelta(days=50, hours=1)
        workplace.execute(
            f"update airmeet.airmeets set end_time = '{end.isoformat()}' "
            f"where airmeet_id = '{airmeet}'"
        )
        shown = " ".join(workplace.run("status").out.split())
        assert f"airmeet {airmeet}: recordings not copied" in shown
        assert "in about 9 days" in shown
        to = str(tmp_path / "copies")
        assert workplace.run("recordings", "--to", to, "--airmeet", airmeet).code == 0
        assert "not copied" not in workplace.run("status").out
