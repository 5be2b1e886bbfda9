"""What the backtest of registration_pace tells of forecasts."""

from tools.pace_backtest import Forecast, line


def test_a_line_tells_median_errors_and_the_shares_within_the_ranges() -> None:
    forecasts = [
        Forecast(
            50,
            {"registrations": (80, 100, 120), "attendance": (30, 40, 50)},
            {"registrations": 100, "attendance": 80},
        ),
        Forecast(
            80,
            {"registrations": (150, 160, 170), "attendance": (20, 30, 40)},
            {"registrations": 200, "attendance": 20},
        ),
        Forecast(1, {}, {"registrations": 10, "attendance": 5}),
    ]
    # Errors 0 and 0.2, 0.5 and 0.5; of expecting nobody more 0.5 and 0.6.
    assert line(7, forecasts) == ["7", "3", "2", "10%", "50%", "50%", "50%", "55%"]
    assert line(30, forecasts[2:]) == ["30", "1", "0", "–", "–", "–", "–", "–"]


def test_an_airmeet_to_which_nobody_came_has_no_error() -> None:
    forecast = Forecast(
        4,
        {"registrations": (5, 6, 7), "attendance": (0, 1, 2)},
        {"registrations": 5, "attendance": 0},
    )
    assert line(1, [forecast]) == ["1", "1", "1", "20%", "100%", "–", "100%", "20%"]
