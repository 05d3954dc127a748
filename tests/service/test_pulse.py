"""Signs of life: what hangs, what only takes long, what has not begun."""

from __future__ import annotations

from pipeline.service.pulse import Pulse

LIMIT = 1800.0


class Tick:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def pulse() -> tuple[Pulse, Tick]:
    tick = Tick()
    made = Pulse(LIMIT, tick)
    made.expect("work", 300)
    made.expect("imap:main", 300)
    return made, tick


def test_a_long_step_with_signs_of_life_does_not_hang() -> None:
    made, tick = pulse()
    for _ in range(50):
        tick.now += LIMIT - 1
        made.beat("work")
        made.ended("imap:main")
        assert made.hanging() == ()


def test_a_step_without_a_sign_of_life_hangs_and_may_recover() -> None:
    made, tick = pulse()
    made.beat("work")
    tick.now += LIMIT + 1
    made.ended("imap:main")
    assert made.hanging() == ("work",)
    made.beat("work")
    assert made.hanging() == ()


def test_an_idle_lane_hangs_once_its_job_is_long_due() -> None:
    made, tick = pulse()
    made.beat("work")
    made.ended("work")
    tick.now += LIMIT + 299
    made.beat("imap:main")
    assert made.hanging() == ()
    tick.now += 2
    assert made.hanging() == ("work",)


def test_several_jobs_of_a_lane_the_most_frequent_counts() -> None:
    made, tick = pulse()
    made.expect("work", 86_400)
    tick.now += LIMIT + 301
    made.ended("imap:main")
    assert made.hanging() == ("work",)


def test_who_is_not_expected_is_not_missed() -> None:
    made, tick = pulse()
    made.beat("unknown")
    tick.now += 10 * LIMIT
    assert "unknown" not in made.hanging()
