"""What the demo keeps between two starts, and how two demos keep out of each other's way."""

from datetime import UTC, datetime, timedelta

import pytest

from goldseam_web.demo.tour import Link, StaffSignIn, Tour, read_tour, write_tour
from goldseam_web.management import demo_folder
from goldseam_web.management.demo_folder import DemoRunningError, demo_folder_held, prepared_tour

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOUR = Tour(
    made_at=NOON,
    sign_ins=(StaffSignIn("Ines Okafor, therapist", "ines@larkfield.example", "feather window hazel"),),
    links=(Link("Lea Brandt, who sees Ines", "/c/abc~def/"),),
)


def test_tour_comes_back_as_it_was_written(tmp_path):
    write_tour(TOUR, tmp_path / "tour.json")
    assert read_tour(tmp_path / "tour.json") == TOUR
    assert [path.name for path in tmp_path.iterdir()] == ["tour.json"]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"made_at": "today"}', '{"made_at": "2026-11-20"}'])
def test_what_is_no_tour_is_none(tmp_path, content):
    (tmp_path / "tour.json").write_text(content, encoding="utf-8")
    assert read_tour(tmp_path / "tour.json") is None
    assert read_tour(tmp_path / "missing.json") is None


@pytest.mark.parametrize(
    ("later", "fresh"),
    [
        (timedelta(0), True),
        (timedelta(hours=11), True),
        (timedelta(hours=12), False),
        (timedelta(hours=-1), False),
    ],
)
def test_demo_is_fresh_for_twelve_hours(later, fresh):
    assert TOUR.is_fresh(now=NOON + later) is fresh


class TestStart:
    @pytest.fixture(autouse=True)
    def _folder(self, settings, tmp_path):
        settings.GOLDSEAM_DATA = tmp_path
        write_tour(TOUR, tmp_path / "tour.json")

    def test_second_start_of_the_day_goes_on_with_what_is_there_upgraded(self, monkeypatch):
        told, called = [], []
        monkeypatch.setattr(demo_folder, "call_command", lambda *command, **_options: called.append(*command))
        tour = prepared_tour(now=NOON + timedelta(hours=1), alone=True, reset=False, tell=told.append)
        assert tour == TOUR
        assert "still there" in told[0]
        assert called == ["migrate"]

    def test_beside_a_running_demo_nothing_is_made_anew_however_old(self):
        later = NOON + timedelta(days=3)
        assert prepared_tour(now=later, alone=False, reset=False, tell=print) == TOUR
        with pytest.raises(DemoRunningError, match="stop it first"):
            prepared_tour(now=later, alone=False, reset=True, tell=print)

    def test_folder_is_held_by_one_demo_at_a_time(self):
        with demo_folder_held() as first, demo_folder_held() as second:
            assert (first, second) == (True, False)
        with demo_folder_held() as again:
            assert again is True
