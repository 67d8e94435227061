"""Alert rules: nothing begins or ends by what is not known; nobody is told twice, and nobody is flooded."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.insight.alerts.notice import HAPPENED, RAISED, REPEATED, RESOLVED, English, Notice, message
from collector.insight.alerts.rule import Rule, Seen
from collector.insight.alerts.standing import MOST_RAISED, Book, after_quiet

NOW = 1_790_000_000_000
MINUTE = 60_000


def rule(**changed):
    return Rule(**{"name": "r", "kind": "silent", "meters": ("m",), "lasting": 300, "repeat": 3600, **changed})


def play(given, states, step=MINUTE, book=None, start=NOW):
    """One state a step: True, False or None; returns (minute, word) of what was told."""
    book = book or Book(UTC)
    told = []
    for number, state in enumerate(states):
        notice = book.step(given, Seen("m", "m", state, "text"), start + number * step)
        if notice:
            told.append((number, notice.word))
    return told


def test_it_must_last_before_anybody_is_told_and_be_over_for_as_long():
    assert play(rule(), [True] * 10 + [False] * 10) == [(5, RAISED), (15, RESOLVED)]


def test_what_does_not_last_is_not_told():
    assert play(rule(), [True] * 5 + [False] + [True] * 5) == []


def test_what_is_not_known_begins_and_ends_nothing():
    assert play(rule(), [True] * 6 + [None] * 30 + [True] * 3) == [(5, RAISED)]
    assert play(rule(), [None] * 30) == []


def test_it_is_repeated_while_it_lasts_unless_somebody_knows():
    assert play(rule(), [True] * 130) == [(5, RAISED), (65, REPEATED), (125, REPEATED)]
    assert play(rule(repeat=0), [True] * 2000) == [(5, RAISED)]
    book = Book(UTC)
    play(rule(), [True] * 10, book=book)
    book.acknowledge("r", "m")
    told = play(rule(), [True] * 200 + [False] * 10, book=book, start=NOW + 10 * MINUTE)
    assert [word for _, word in told] == [RESOLVED]


def test_what_comes_and_goes_is_told_three_times_and_then_no_more_until_it_keeps_quiet():
    restless = ([True] * 6 + [False] * 6) * 5
    told = play(rule(), restless)
    assert [word for _, word in told].count(RAISED) == MOST_RAISED
    calm = play(rule(), [*restless, *[False] * 120, *[True] * 6])
    assert calm[-1] == (len(restless) + 120 + 5, RAISED)


def test_a_restart_changes_nothing():
    states = ([True] * 7 + [False] * 9 + [None] * 3) * 3
    whole = play(rule(), states)
    book, told = Book(UTC), []
    for number, state in enumerate(states):
        book = Book(UTC, book.to_json())
        notice = book.step(rule(), Seen("m", "m", state, "text"), NOW + number * MINUTE)
        told += [(number, notice.word)] if notice else []
    assert told == whole


def test_what_happened_once_is_told_once_and_stands_nowhere():
    book = Book(UTC)
    assert book.step(rule(), Seen("m 1", "m", True, "reset", at_once=True), NOW).word == HAPPENED
    assert book.to_json() == {}


@given(st.lists(st.sampled_from([True, False, None]), max_size=300), st.integers(0, 10), st.integers(0, 60))
def test_told_words_always_make_sense(states, lasting, repeat):
    told = [word for _, word in play(rule(lasting=lasting * 60, repeat=repeat * 60), states)]
    raised = 0
    for word in told:
        if word == RAISED:
            assert not raised
            raised = 1
        elif word == RESOLVED:
            assert raised
            raised = 0
        else:
            assert raised
    window = max(1, repeat or 60)
    assert told.count(RAISED) <= MOST_RAISED * (len(states) // window + 1)


@pytest.mark.parametrize(
    ("hour", "minute", "until"), [(21, 59, None), (22, 0, (6, 0)), (3, 30, (6, 0)), (6, 0, None), (12, 0, None)]
)
def test_quiet_hours_hold_messages_back_until_they_end(hour, minute, until):
    zone = ZoneInfo("America/Cuiaba")
    at = datetime(2026, 3, 5, hour, minute, 30, tzinfo=zone)
    now = int(at.timestamp() * 1000)
    due = datetime.fromtimestamp(after_quiet(now, (22 * 60, 6 * 60), zone) / 1000, zone)
    assert (due.hour, due.minute) == (until or (hour, minute))
    assert 0 <= (due - at).total_seconds() <= 8 * 3600


def test_a_storm_is_one_message_whose_headline_is_one_line():
    notices = [
        Notice(NOW + n, RAISED, "r", f"m{n}", f"m{n}", f"m{n}\nBcc: x@example.org is\tsilent", ("mail",), NOW)
        for n in range(100)
    ]
    made = message("Cha\npada", UTC, English(), notices)
    assert made.headline.startswith("Cha pada: 100 messages") and "\n" not in made.headline
    assert len(made.text.splitlines()) <= 2 * 20 + 1
    assert made == message("Cha\npada", UTC, English(), list(reversed(notices)))


@given(st.text(), st.text())
def test_a_notice_survives_its_file(subject, text):
    notice = Notice(NOW, RAISED, "r", subject, "m", text, ("mail", "web"), NOW)
    assert Notice.from_json(notice.to_json()) == notice
