from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from pipeline_play import START, drain, reading

from collector.errors import SpoolError, UsageError
from collector.model.reading import Reading
from collector.pipeline import spool as spool_module
from collector.pipeline.spool import Spool, read_live

OpenSpool = Callable[..., Spool]


def test_readings_come_out_in_order_and_only_until_they_are_done(open_spool: OpenSpool) -> None:
    spool = open_spool()
    some = [reading(i) for i in range(10)]
    for one in some:
        spool.append(one)
    assert [r for batch in spool.batches() for r in batch.readings] == some, "not done yet"
    assert drain(spool) == some
    assert drain(spool) == []
    assert spool.status().in_hand == 0


def test_appends_go_on_while_a_batch_is_committed(open_spool: OpenSpool) -> None:
    spool = open_spool()
    spool.append(reading(1))
    for batch in spool.batches():
        spool.append(reading(2))
        spool.done(batch)
    assert drain(spool) == [reading(2)]


def test_a_killed_process_loses_nothing_that_was_appended(open_spool: OpenSpool, folders: tuple[Path, Path]) -> None:
    spool = open_spool()
    for i in range(5):
        spool.append(reading(i))
    abandon(spool)
    again = open_spool()
    batches = list(again.batches())
    assert [batch.replayed for batch in batches] == [True]
    assert drain(again) == [reading(i) for i in range(5)]


def abandon(spool: Spool) -> None:
    """What the kernel does to a killed process: its descriptors are closed, nothing else happens."""
    for descriptor in spool._locks:
        os.close(descriptor)
    spool._locks = []


def test_saved_readings_survive_the_loss_of_ram(open_spool: OpenSpool, folders: tuple[Path, Path]) -> None:
    spool = open_spool()
    for i in range(5):
        spool.append(reading(i))
    spool.save()
    assert (spool.status().in_hand, spool.status().on_disk) == (0, 5)
    abandon(spool)
    for file in (folders[0] / "spool").iterdir():
        file.unlink()
    assert drain(open_spool()) == [reading(i) for i in range(5)]


def test_a_crash_between_writing_to_disk_and_removing_from_ram_doubles_nothing(
    open_spool: OpenSpool, folders: tuple[Path, Path]
) -> None:
    spool = open_spool()
    spool.append(reading(1))
    live = next((folders[0] / "spool").glob("*.live"))
    copy = live.read_bytes()
    spool.save()
    live.write_bytes(copy)
    abandon(spool)
    assert drain(open_spool()) == [reading(1)]


def test_small_saves_share_a_segment(open_spool: OpenSpool, folders: tuple[Path, Path]) -> None:
    spool = open_spool()
    for i in range(50):
        spool.append(reading(i))
        spool.save()
    assert len(list((folders[1] / "spool").glob("*.segment"))) == 1
    assert drain(spool) == [reading(i) for i in range(50)]
    assert list((folders[1] / "spool").glob("*.segment")) == []


def test_what_is_kept_while_it_is_replayed_is_neither_lost_nor_doubled(open_spool: OpenSpool) -> None:
    spool = open_spool()
    spool.append(reading(1))
    spool.save()
    for batch in spool.batches():
        spool.append(reading(2))
        spool.save()  # the store went away in the middle of the commit
        spool.append(reading(3))
        spool.keep(batch)
        break
    assert drain(spool) == [reading(1), reading(2), reading(3)]


def test_saving_beside_a_running_commit_does_not_lose_what_was_added(open_spool: OpenSpool) -> None:
    spool = open_spool()
    spool.append(reading(1))
    spool.save()
    batches = spool.batches()
    batch = next(batches)
    spool.append(reading(2))
    spool.save()
    spool.done(batch)
    assert drain(spool) == [reading(2)]


def test_two_collectors_cannot_share_a_spool(open_spool: OpenSpool) -> None:
    spool = open_spool()
    with pytest.raises(UsageError, match=str(os.getpid())):
        open_spool()
    spool.close()
    open_spool().close()


def test_a_runtime_folder_that_cannot_be_made_is_said_in_words(tmp_path: Path) -> None:
    from collector.config.settings import SpoolSettings

    (tmp_path / "run").write_text("a file where a folder should be")
    with pytest.raises(SpoolError, match="run"):
        Spool(tmp_path / "run", tmp_path / "state", SpoolSettings())


def test_without_a_disk_the_collector_still_runs(tmp_path: Path) -> None:
    from collector.config.settings import SpoolSettings

    (tmp_path / "state").write_text("a file where a folder should be")
    spool = Spool(tmp_path / "run", tmp_path / "state", SpoolSettings())
    spool.append(reading(1))
    spool.save()
    assert spool.status().full
    assert drain(spool) == [reading(1)]
    assert not spool.status().full


def test_at_the_size_bound_the_newest_readings_win(open_spool: OpenSpool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.pipeline.backlog.READINGS_PER_SEGMENT", 10)
    spool = open_spool(max_bytes=3000)
    for i in range(200):
        spool.append(reading(i))
        if i % 10 == 9:
            spool.save()
    status = spool.status()
    assert status.full
    assert status.bytes_on_disk <= 3000
    rest = drain(spool)
    assert rest == [reading(i) for i in range(200 - len(rest), 200)]
    assert status.dropped == 200 - len(rest) > 0


def test_at_the_age_bound_the_oldest_readings_go(open_spool: OpenSpool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("collector.pipeline.backlog.READINGS_PER_SEGMENT", 1)
    spool = open_spool(max_age=60.0)
    for second in (0, 30, 89, 150):
        spool.append(reading(second * 1000))
        spool.save()
    assert [r.time - START for r in drain(spool)] == [150_000]
    assert spool.status().dropped == 3


def test_the_last_of_the_disk_is_left_to_others(open_spool: OpenSpool) -> None:
    spool = open_spool(min_free_bytes=1 << 60)
    spool.append(reading(1))
    spool.save()
    assert spool.status().full
    assert (spool.status().in_hand, spool.status().on_disk) == (1, 0)
    assert drain(spool) == [reading(1)]


def test_without_disk_the_ram_is_bounded_too(open_spool: OpenSpool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool_module, "RAM_BYTES", 2000)
    monkeypatch.setattr(spool_module, "READINGS_PER_SEGMENT", 10)
    spool = open_spool(min_free_bytes=1 << 60)
    for i in range(100):
        spool.append(reading(i))
    kept = drain(spool)
    assert kept == [reading(i) for i in range(100 - len(kept), 100)]
    assert spool.status().dropped == 100 - len(kept) > 0


def test_a_damaged_segment_gives_its_good_part_and_is_set_aside(
    open_spool: OpenSpool, folders: tuple[Path, Path]
) -> None:
    spool = open_spool()
    for i in range(3):
        spool.append(reading(i))
        spool.save()
    spool.close()
    segment = next((folders[1] / "spool").glob("*.segment"))
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 0xFF
    segment.write_bytes(data)
    again = open_spool()
    rest = drain(again)
    assert reading(0) in rest
    assert len(rest) == 2, "only the damaged chunk is lost"
    assert again.status().dropped == 1
    assert len(list((folders[1] / "spool").glob("*.corrupt"))) == 1


@pytest.mark.slow
def test_a_segment_torn_at_any_byte_is_cut_before_more_is_added(
    open_spool: OpenSpool, folders: tuple[Path, Path]
) -> None:
    spool = open_spool()
    sizes = []
    for i in range(2):
        spool.append(reading(i))
        spool.save()
        sizes.append(spool.status().bytes_on_disk)
    spool.close()
    segment = next((folders[1] / "spool").glob("*.segment"))
    whole = segment.read_bytes()
    for cut in range(0, len(whole), 7):
        segment.write_bytes(whole[:cut])
        again = open_spool()
        again.append(reading(9))
        again.save()
        assert drain(again) == [reading(i) for i in range(2) if sizes[i] <= cut] + [reading(9)]
        again.close()


def test_readings_without_a_time_keep_their_boot(open_spool: OpenSpool) -> None:
    spool = open_spool()
    spool.append(reading(1, boot="b-1"))
    spool.save()
    assert spool.status().oldest is None
    assert drain(spool) == [reading(1, boot="b-1")]


def test_the_oldest_waiting_reading_is_named(open_spool: OpenSpool) -> None:
    spool = open_spool()
    assert spool.status().oldest is None
    spool.append(reading(7))
    assert spool.status().oldest == START + 7
    spool.save()
    spool.append(reading(8))
    assert spool.status().oldest == START + 7


def test_the_page_sees_the_batch_in_hand(open_spool: OpenSpool, folders: tuple[Path, Path]) -> None:
    assert read_live(folders[0]) == []
    spool = open_spool()
    spool.append(reading(1))
    spool.append(reading(2, meter="house", values=2))
    assert read_live(folders[0]) == [reading(1), reading(2, meter="house", values=2)]
    drain(spool)
    assert read_live(folders[0]) == []


def test_folders_and_files_are_for_the_group_and_nobody_else(open_spool: OpenSpool, folders: tuple[Path, Path]) -> None:
    spool = open_spool()
    spool.append(reading(1))
    spool.save()
    spool.append(reading(2))
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            assert path.stat().st_mode & 0o027 == 0, path


def test_many_threads_append_without_losing_or_mixing(open_spool: OpenSpool) -> None:
    spool = open_spool()

    def line(meter: str) -> None:
        for i in range(300):
            spool.append(reading(i, meter=meter))

    threads = [threading.Thread(target=line, args=(f"m{n}",)) for n in range(6)]
    for thread in threads:
        thread.start()
    found: list[Reading] = []
    while any(thread.is_alive() for thread in threads):
        found += drain(spool)
        spool.save()
    found += drain(spool)
    for n in range(6):
        assert [r for r in found if r.meter == f"m{n}"] == [reading(i, meter=f"m{n}") for i in range(300)]


@pytest.mark.slow
def test_a_day_without_the_store_at_ten_meters_a_second(open_spool: OpenSpool) -> None:
    spool = open_spool()
    count = 0
    for minute in range(24 * 60):
        for i in range(600):
            second, meter = divmod(minute * 600 + i, 10)
            spool.append(Reading(f"meter-{meter}", START + second * 1000, {"frequency": 60.0, "current_n": None}))
        spool.save()
    assert spool.status().on_disk == 864_000
    for batch in spool.batches():
        assert batch.replayed
        for one in batch.readings:
            second, meter = divmod(count, 10)
            assert (one.time, one.meter) == (START + second * 1000, f"meter-{meter}")
            count += 1
        spool.done(batch)
    assert count == 864_000
    assert spool.status().dropped == 0


def test_a_passing_read_error_gives_nothing_up(
    open_spool: OpenSpool, folders: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = open_spool()
    some = [reading(i) for i in range(10)]
    for one in some[:5]:
        spool.append(one)
    spool.save()
    for one in some[5:]:
        spool.append(one)
    with monkeypatch.context() as broken:

        def fails(*_: object, **__: object) -> bytes:
            raise OSError(5, "Input/output error")

        broken.setattr(Path, "read_bytes", fails)
        broken.setattr(Path, "open", fails)
        assert drain(spool) == []
    assert drain(spool) == some
    assert spool.status().dropped == 0


def test_a_segment_that_was_taken_away_is_counted_and_stops_nothing(
    open_spool: OpenSpool, folders: tuple[Path, Path]
) -> None:
    spool = open_spool()
    spool.append(reading(1))
    spool.save()
    for path in folders[1].rglob("*.segment"):
        path.unlink()
    spool.append(reading(2))
    assert drain(spool) == [reading(2)]
    assert spool.status().dropped == 1
