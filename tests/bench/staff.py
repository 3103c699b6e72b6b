"""Members of staff who click at once, each on a connection of their own, and how long each click took."""

import http.client
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

PATIENCE = 12


@dataclass(frozen=True)
class Click:
    """One request."""

    path: str
    body: str
    headers: dict[str, str]


@dataclass
class Clicked:
    """What came of many clicks."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    took: float = 0.0

    def add(self, other: "Clicked") -> None:
        """Count those of another round too."""
        self.seconds += other.seconds
        self.errors += other.errors
        self.took += other.took


def all_click(port: int, clicks: Sequence[Click], *, people: int, pause: float, within: float) -> Clicked:
    """Share the clicks out among people, each of whom begins one every `pause` seconds (0: as soon as answered).

    None begins after `within` seconds.
    """
    done, began = Clicked(), time.monotonic()
    staff = [
        threading.Thread(target=_clerk, args=(port, clicks[n::people], pause, pause * n / people, began + within, done))
        for n in range(people)
    ]
    for clerk in staff:
        clerk.start()
    for clerk in staff:
        clerk.join()
    done.took = time.monotonic() - began
    return done


def _clerk(port: int, clicks: Sequence[Click], pause: float, late: float, until: float, done: Clicked) -> None:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    line.connect()
    next_at = time.monotonic() + late
    for click in clicks:
        time.sleep(max(0.0, next_at - time.monotonic()))
        if (began := time.monotonic()) > until:
            break
        next_at = max(next_at + pause, began)
        try:
            line.request("POST", click.path, click.body, click.headers)
            answer = line.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException) as failure:
            done.errors.append(type(failure).__name__)
            line.close()
            continue
        done.seconds.append(time.monotonic() - began)
        if answer.status != 200:
            done.errors.append(f"{answer.status} {text[:200].decode('utf-8', 'replace')}")
    line.close()
