"""What each kind of request is answered while something is away: status, words, and within how many seconds."""

from collections.abc import Iterable
from dataclasses import dataclass

from tests.outages.asking import Answer
from tests.outages.cells import Cell

SIGNED_IN, NOBODY = "signed in", "nobody"
AWAY, READ_ONLY, FULL = (
    "The database does not answer",
    "The database is read-only",
    "The disk of the database is full",
)
# By kind and asker; several where an unchanged poll has its own.
USUAL: dict[str, tuple[int, ...]] = {
    "page, signed in": (200,),
    "page, nobody": (302,),
    "page that is not there, signed in": (404,),
    "page that is not there, nobody": (404,),
    "poll, signed in": (200, 204, 304),
    "poll, nobody": (401,),
    "act, signed in": (200,),
    "act, nobody": (401,),
    "act without script, signed in": (303,),
    "act without script, nobody": (302,),
    "act without its token, signed in": (403,),
    "act without its token, nobody": (302,),
    "sign-in, nobody": (303,),
    "API, reading, a key": (200,),
    "API, reading, nobody": (401,),
    "API, act, a key": (200,),
    "API, act, nobody": (401,),
    "webhook, signed": (200,),
    "webhook, nobody": (403,),
    "health, signed in": (200,),
    "health, nobody": (200,),
    "readiness, signed in": (200,),
    "readiness, nobody": (200,),
    "asset, signed in": (200,),
    "asset, nobody": (200,),
}
WRITES = ("act, signed in", "act without script, signed in", "API, act, a key", "webhook, signed")
READINESS = ("readiness, signed in", "readiness, nobody")
NEED_ROWS = ("page, signed in", "poll, signed in", "act without its token, signed in", "sign-in, nobody",
             "API, reading, a key")  # fmt: skip


@dataclass(frozen=True)
class Expected:
    """What a fault changes: these cells get 503 in these words, all others their usual answer."""

    refused: tuple[str, ...] = ()
    words: str = ""
    seconds: float = 8.0
    ready_words: str = ""
    # Whoever waits holds a turn: others who need no row may be told the same before they are asked who they are.
    is_crowded: bool = False

    def shortfalls(self, cells: Iterable[Cell]) -> list[str]:
        """The answers that are not as they should be, each as a line."""
        return [
            f"{cell.name}: {answer.status} in {answer.seconds:.1f} s: {answer.text[:300]}"
            for cell in cells
            for answer in cell.answers
            if not self._fits(cell, answer)
        ]

    def _fits(self, cell: Cell, answer: Answer) -> bool:
        if answer.seconds > self.seconds:
            return False
        if answer.status == 503 and self.is_crowded and cell.kind not in ("health", "asset"):
            return self.words in answer.text and "Retry-After" in answer.headers
        if cell.name not in self.refused:
            is_ready = cell.name not in READINESS or self.ready_words in answer.text
            return answer.status in USUAL[cell.name] and is_ready
        return answer.status == 503 and self.words in answer.text and "Retry-After" in answer.headers


DATABASE_AWAY = Expected((*NEED_ROWS, *WRITES, *READINESS), AWAY, is_crowded=True)
DATABASE_READ_ONLY = Expected((*WRITES, *READINESS), READ_ONLY)
DATABASE_FULL = Expected((*WRITES, *READINESS), FULL)
BROKER_DOWN = Expected(ready_words='"broker":"down"')
ALL_WELL = Expected()
