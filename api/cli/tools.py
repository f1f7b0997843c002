"""`schema`, `doctor` and `bench`."""

import difflib
import importlib.util
import runpy
import sys
from pathlib import Path

from rich.text import Text

from api.cli.shell import console, leave, run_async, say, say_json, show, table
from graph.doctor import Check
from graph.errors import Invalid, NotFound

SCHEMA = Path("schema.graphql")


def schema(*, check: bool) -> None:
    """Print the schema, or the difference to schema.graphql in this folder."""
    from api.schema import schema as built

    text = built.as_str().rstrip() + "\n"
    if not check:
        sys.stdout.write(text)
        return
    if not SCHEMA.is_file():
        raise NotFound(f"{SCHEMA} is not in {Path.cwd()}: write it by muhatap schema > {SCHEMA}")
    kept = SCHEMA.read_text(encoding="utf-8")
    if kept != text:
        old, new = (side.splitlines(keepends=True) for side in (kept, text))
        sys.stdout.writelines(difflib.unified_diff(old, new, str(SCHEMA), "the code"))
        raise Invalid(f"{SCHEMA} differs from the code: write it anew by make schema")
    say(f"{SCHEMA} is what the code says")


def doctor(*, json: bool) -> None:
    """Print every finding; the exit code is 1 if one is not well."""
    from api.doctor import examine

    checks = run_async(examine())
    sick = [check for check in checks if not check.ok]
    if json:
        say_json({"ok": not sick, "checks": [_as_json(check) for check in checks]})
    else:
        _show_checks(checks, sick)
    if sick:
        leave(1)


def _as_json(check: Check) -> dict[str, object]:
    found = {"name": check.name, "ok": check.ok, "found": check.found}
    return found if check.ok else found | {"fix": check.fix}


def _show_checks(checks: list[Check], sick: list[Check]) -> None:
    shown = table("", "", "what", "found")
    for check in checks:
        mark = Text("ok", style="green") if check.ok else Text("BAD", style="bold red")
        shown.add_row(mark, check.name, Text(check.found))
    show(shown)
    for check in sick:
        console().print(f"{check.name}: {check.fix}", markup=False, soft_wrap=True)
    if not sick:
        say("all is well")


def bench(what: str, arguments: list[str]) -> None:
    """Run one benchmark as `python -m benchmarks.…` would, with the words it was given."""
    if importlib.util.find_spec("benchmarks") is None:
        raise NotFound("The benchmarks are not part of an installation: run this in a checkout of the source")
    module = "benchmarks." + {"import": "imports"}.get(what, what)
    sys.argv = [f"muhatap bench {what}", *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=False)
