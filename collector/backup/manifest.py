"""Says what a backup holds: the member `manifest.json` of its file, by which everything else in it is checked."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from collector.backup.tally import Content
from collector.errors import PhaselogError

MANIFEST = "manifest.json"
CONFIG = "phaselog.toml"
#: Folder of the files of the state directory.
STATE = "state/"
DUMPS = {"mariadb": "database.sql.gz", "sqlite": "database.sqlite.gz"}
FORMAT = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """`made`, `oldest`, `newest`: UTC ms (of the backup, of its readings). `files`: member -> (bytes, SHA-256)."""

    program: str
    schema: int
    kind: str
    database_version: str
    site: str
    made: int
    oldest: int | None
    newest: int | None
    tables: dict[str, Content]
    files: dict[str, tuple[int, str]]

    @property
    def dump(self) -> str:
        """Name of the member that holds the database."""
        return DUMPS[self.kind]

    @property
    def readings(self) -> int:
        """How many single readings it holds."""
        return self.tables["reading"].rows if "reading" in self.tables else 0

    def to_json(self) -> str:
        """Readable JSON, in case that a person has nothing else."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Manifest:
        """Reads what `to_json` wrote; PhaselogError when it is something else, or of a newer Phaselog."""
        try:
            data: dict[str, Any] = json.loads(text)
            if data.pop("format") > FORMAT:
                raise PhaselogError("the backup was made by a newer Phaselog", "install that version, then restore")
            data["tables"] = {name: Content(**content) for name, content in data["tables"].items()}
            data["files"] = {name: (size, digest) for name, (size, digest) in data["files"].items()}
            if data["kind"] not in DUMPS:
                raise ValueError(data["kind"])
            return cls(**data)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise PhaselogError(f"the backup's {MANIFEST} is damaged: {error}", "take another backup") from error
