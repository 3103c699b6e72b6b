"""Imports run one way, so that every room can be read, and tested, knowing only what stands to its left."""

import ast
from collections import defaultdict
from pathlib import Path

from tests.rules.source import ROOT, TASKS, WEBAPP, Found, imports, listed, modules, nodes

# From left to right. Neighbours in one tuple do not see each other; `tasks` is the other house across the street.
STREET = (
    ("clock", "programs"), ("faults",), ("errors",), ("money",), ("setting_values",), ("settings",), ("i18n",),
    ("charts",), ("words",), ("extensions",), ("database",), ("celery_app",), ("logs",),
    ("models",),
    ("channels", "monitor", "security", "startup"),
    ("services",),
    ("duties", "templating"),
    ("doctor",),
    ("routes", "api", "cli", "tasks"),
    ("webapp",),  # webapp/__init__.py puts the rooms together.
)  # fmt: skip
# The rooms inside services/, from left to right; those in one tuple do not see each other.
SERVICES = (
    ("parsing", "keyset", "idempotency", "row_fates"),
    ("search", "csv_writer"),
    ("audit",),
    ("guests", "texts"),
    ("messages",),
    ("delivery", "bookings"),
    ("payments", "board", "timeline"),
    ("imports", "failures", "figures", "housekeeping"),
    ("restores",),
    ("alerts", "accounts", "business"),
    ("queue",),
)
FLOOR = {room: floor for floor, rooms in enumerate(SERVICES) for room in rooms}
MOST_FILES, MOST_LINES = 15, 2_000

RANK = {room: rank for rank, rooms in enumerate(STREET) for room in rooms}
WEB_AND_QUEUE = ("celery", "kombu", "redis")
OUTSIDE = ("flask", "flask_mail", "smtplib", "requests", "twilio", *WEB_AND_QUEUE)


def room_of(dotted: str) -> str | None:
    """The room that a dotted name lives in; None for what is not ours."""
    house, _, rest = dotted.partition(".")
    room = rest.partition(".")[0]
    if house != "webapp":
        return "tasks" if house == "tasks" else None
    return room if room in RANK else "webapp"  # What is no room is a name in webapp/__init__.py.


def home_of(found: Found) -> str:
    """The room that a file lives in."""
    return room_of(".".join(found.path.relative_to(ROOT).with_suffix("").parts)) or ""


def test_every_room_stands_on_the_street() -> None:
    """A new room must say what it may know before anything grows in it."""
    rooms = {path.stem for path in WEBAPP.iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}

    assert rooms - {"__init__"} <= RANK.keys()


def test_a_room_imports_only_from_its_left() -> None:
    """An arrow to the right is a cycle waiting to happen, and a rule that hides where nobody looks for it."""
    wrong = (
        found._replace(what=f"{home_of(found)} imports {found.what}")
        for found in imports()
        if (there := room_of(found.what)) and there != home_of(found) and RANK[there] >= RANK[home_of(found)]
    )

    assert listed(wrong) == []


def service_room_of(dotted: str) -> str | None:
    """The room inside services/ that a dotted name lives in; None for a file that has none yet, or none at all."""
    parts = dotted.split(".")
    return parts[2] if parts[:2] == ["webapp", "services"] and parts[2:3] and parts[2] in FLOOR else None


def test_a_room_of_services_imports_only_from_its_left() -> None:
    """A rule that needs the room to its right is in the wrong room: move the rule, not the arrow."""
    wrong = [
        found
        for found in imports(WEBAPP / "services")
        if (there := service_room_of(found.what))
        and (here := service_room_of(".".join(found.path.relative_to(ROOT).with_suffix("").parts)))
        and there != here
        and FLOOR[there] >= FLOOR[here]
    ]

    assert listed(wrong) == []


def test_a_room_does_not_go_through_its_own_door() -> None:
    """An `__init__` hands verbs to other rooms; in the middle of its own import it has nothing to give."""
    own = (
        found
        for found in imports(WEBAPP / "services")
        if found.path.stem != "__init__"
        and found.what.split(".")[:-1] == ["webapp", "services", found.path.parent.name]
        if not (found.path.parent / f"{found.what.split('.')[-1]}.py").exists()
    )

    assert listed(own) == []


def test_a_room_is_small_enough_to_be_known() -> None:
    """Whoever opens a folder must see at once what is in it, and a room of the code must be read in an hour."""
    files: dict[Path, list[Path]] = defaultdict(list)
    for path in modules(WEBAPP, TASKS, ROOT / "tests"):
        files[path.parent.relative_to(ROOT)] += [path] if path.stem != "__init__" else []

    assert {str(room): len(paths) for room, paths in files.items() if len(paths) > MOST_FILES} == {}
    lines = {room: sum(len(path.read_text().splitlines()) for path in paths) for room, paths in files.items()}
    assert [str(room) for room in files if lines[room] > MOST_LINES and room.parts[0] == "webapp"] == []


def test_layers_call_a_room_by_one_name() -> None:
    """Whoever has found the route has found the service."""
    of = {layer: {path.parent.name for path in (WEBAPP / layer).glob("*/*.py")} for layer in ("services", "routes")}

    assert of["routes"] - of["services"] == {"system"}  # What machines ask has no rules of its own.


def test_parsing_knows_no_rows() -> None:
    """Typed text becomes a value by the same rule for a form, a file and the API, whatever the database holds."""
    known = (
        "webapp.services.parsing",
        "webapp.settings",
        "webapp.words",
        "webapp.clock",
        "webapp.money",
        "webapp.i18n",
        "webapp.models.names",
    )
    wrong = (
        found
        for found in imports(WEBAPP / "services" / "parsing")
        if found.what.startswith("webapp") and not found.what.startswith(known)
    )

    assert listed(wrong) == []


def test_the_web_never_imports_the_tasks() -> None:
    """It rings by name: a web process that imports tasks would run a worker's code, and need its settings."""
    assert listed(found for found in imports(WEBAPP) if room_of(found.what) == "tasks") == []


def test_a_model_knows_no_web_no_queue_and_no_provider() -> None:
    """Rows are read by web, workers and commands alike; what a row means must not depend on who asks."""
    assert listed(f for f in imports(WEBAPP / "models") if f.what.partition(".")[0] in OUTSIDE) == []


def test_a_route_knows_no_queue() -> None:
    """Whether a bell is rung, and what happens when that fails, is the service's to decide, once."""
    of_the_queue = (
        f for room in ("routes", "api") for f in imports(WEBAPP / room) if f.what.partition(".")[0] in WEB_AND_QUEUE
    )

    assert listed(of_the_queue) == []


def test_a_task_is_at_most_ten_lines() -> None:
    """A rule that lives in a task can only be tested through Celery; a task takes an id and makes one call."""
    long = (
        Found(path, node.lineno, f"{node.name} has {node.end_lineno - node.lineno + 1} lines")
        for path, node in nodes(TASKS)
        if isinstance(node, ast.FunctionDef) and any("task" in ast.unparse(d) for d in node.decorator_list)
        if (node.end_lineno or 0) - node.lineno + 1 > 10
    )

    assert listed(long) == []


def module_of(path: Path) -> str:
    """The dotted name of a file."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def test_imports_have_no_circle() -> None:
    """Of a circle no file can be understood, or moved, alone: imports for types and inside functions count too."""
    files = {module_of(path) for path in modules()}
    sees: dict[str, set[str]] = {name: set() for name in files}
    for found in imports():
        what = found.what if found.what in files else found.what.rpartition(".")[0]
        sees[module_of(found.path)] |= {what} & files

    while free := {name for name, seen in sees.items() if not seen & sees.keys()}:
        sees = {name: seen for name, seen in sees.items() if name not in free}

    assert {name: sorted(seen & sees.keys()) for name, seen in sees.items()} == {}
