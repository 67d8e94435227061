"""Interruptions, dips and swells are seen as far as the readings show them, and joined over neighbouring minutes."""

from quality_minutes import START, minutes

from collector.insight.quality.disturbances import Kind, disturbances


def test_a_dip_of_two_minutes_on_two_phases_is_one_event():
    found = disturbances(
        minutes({"voltage_l1_n": [230, 150, 180, 230], "voltage_l2_n": [230, 230, 190, 230]}), nominal=230.0
    )
    assert [(each.kind, each.start, each.end, each.phases) for each in found] == [
        (Kind.DIP, START + 60_000, START + 180_000, ("l1", "l2"))
    ]
    assert found[0].extreme == 150 / 230


def test_all_phases_gone_is_an_interruption_and_one_phase_gone_a_dip():
    all_gone = disturbances(minutes({"voltage_l1_n": [230, 0, 230], "voltage_l2_n": [230, 1, 230]}), 230.0)
    one_gone = disturbances(minutes({"voltage_l1_n": [230, 0, 230], "voltage_l2_n": [230, 230, 230]}), 230.0)
    assert [each.kind for each in all_gone] == [Kind.INTERRUPTION]
    assert [each.kind for each in one_gone] == [Kind.DIP]


def test_a_swell_and_a_dip_at_once_are_two():
    found = disturbances(minutes({"voltage_l1_n": [260.0], "voltage_l2_n": [190.0]}), 230.0)
    assert {each.kind for each in found} == {Kind.DIP, Kind.SWELL}


def test_missing_minutes_part_events_and_missing_values_are_none():
    found = disturbances(minutes({"voltage_l1_n": [190, None, 190]}, missing=[1]), 230.0)
    assert len(found) == 2
    assert disturbances(minutes({"voltage_l1_n": [None, None]}), 230.0) == []
