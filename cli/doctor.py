"""`tactful doctor`: is everything there, and what to do about what is not."""

import json
import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from care.errors import TactfulError
from cli.failures import GATE_NOT_MET

if TYPE_CHECKING:
    from wiring.settings import Settings

LOW_DISK_BYTES = 500 * 1024**2
WAITS_LONG_S = 120.0
RESTARTS_MANY = 5
BACKUP_OLD_DAYS = 7


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. state: ok, warning or failed; fix: what to do, for everything that is not ok."""

    check: str
    state: str
    detail: str
    fix: str = ""


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One object on stdout.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 3 on warnings too.")] = False,
) -> None:
    """Check configuration, folders, database, queue, model and playbook; every problem names its fix."""
    from wiring.settings import load_settings

    settings = load_settings()
    findings = [run(check, settings) for check in CHECKS]
    if as_json:
        sys.stdout.write(json.dumps({"object": "list", "data": [asdict(finding) for finding in findings]}) + "\n")
    else:
        marks = {"ok": "✓", "warning": "!", "failed": "✗"}
        for finding in findings:
            fix = f"\n             → {finding.fix}" if finding.fix else ""
            typer.echo(f"{marks[finding.state]} {finding.check:<10} {finding.detail}{fix}")
    states = {finding.state for finding in findings}
    if "failed" in states:
        raise typer.Exit(1)
    if strict and "warning" in states:
        raise typer.Exit(GATE_NOT_MET)


def run(check: "Callable[[Settings], Finding]", settings: "Settings") -> Finding:
    """One check; an error of ours becomes its finding."""
    try:
        return check(settings)
    except TactfulError as error:
        name = check.__name__.removeprefix("check_")
        return Finding(name, "failed", str(error), FIXES.get(name, "see the message"))


def check_home(settings: "Settings") -> Finding:
    home = settings.home
    if not os.access(home, os.W_OK):
        return Finding("home", "failed", f"{home} cannot be written", "set TACTFUL_HOME to a folder of yours")
    free = shutil.disk_usage(home).free
    if free < LOW_DISK_BYTES:
        return Finding("home", "warning", f"{home}: {free // 1024**2} MB free", "make room on this disk")
    if home.stat().st_mode & 0o077:
        return Finding("home", "warning", f"{home} can be read by others", f"chmod 700 {home}")
    return Finding("home", "ok", f"{home}, {free // 1024**3} GB free")


def check_database(settings: "Settings") -> Finding:
    from care.holding import PROBLEM
    from wiring.assemble import store

    with store(settings)(read=True) as work:
        n, n_held = work.keeping.n_messages(), len(work.keeping.held(problem=PROBLEM))
    if n_held:
        detail = f"{n} messages; {n_held} replies are held since it was put back from a copy"
        return Finding("database", "warning", detail, "`tactful held list`, then release, sent or drop")
    return Finding("database", "ok", f"{n} messages")


def check_channels(settings: "Settings") -> Finding:
    """Whether every channel that is set up was switched on."""
    from wiring.assemble import store
    from wiring.channels import to_customers

    with store(settings)(read=True) as work:
        on = work.switches.on()
    ready = sorted(name for name, channel in to_customers(settings).items() if channel.kind != "rehearsal")
    if waiting := [name for name in ready if name not in on]:
        fix = f"`tactful channels go-live {waiting[0]}`"
        return Finding("channels", "warning", f"set up, and still rehearsing: {_few(waiting)}", fix)
    return Finding("channels", "ok", f"live: {_few(ready)}" if ready else "all of them rehearse")


def check_rewriter(settings: "Settings") -> Finding:
    """What leaves this machine when drafts are worded anew."""
    from urllib.parse import urlsplit

    if not settings.drafting.rewriter:
        return Finding("rewriter", "ok", "none; no text of a draft leaves this machine")
    host = urlsplit(settings.drafting.rewriter).hostname
    return Finding("rewriter", "ok", f"drafts go to {host}, without what customers wrote, names and numbers as tokens")


def check_work(settings: "Settings") -> Finding:
    """Whether what waits moves on, and whether something waits for a person."""
    from wiring.assemble import store

    with store(settings)(read=True) as work:
        oldest, counts = work.watching.oldest_s(), work.lists.figures()
    late = [f"{kind} for {seconds:.0f} s" for kind, seconds in oldest.items() if seconds > WAITS_LONG_S]
    if late:
        who = {"tasks": "prepare", "replies": "deliver", "notices": "notify", "deliveries": "webhook"}
        kind = max(oldest, key=lambda kind: oldest[kind])
        fix = f"is a worker running? `tactful up`, or `tactful worker {who[kind]}` and `tactful sweep`; see its log"
        return Finding("work", "warning", f"waits: {_few(late)}", fix)
    replies, parked = counts.get("replies", {}), counts.get("tasks", {}).get("parked", 0)
    stuck = [f"{n} {stage}" for stage in ("unknown", "failed", "held") if (n := replies.get(stage, 0))]
    if stuck or parked:
        told = [*(f"replies: {words}" for words in stuck), *([f"messages parked: {parked}"] if parked else [])]
        return Finding("work", "warning", _few(told), "the console's *Needs a look*, or `tactful tasks list`")
    if n := sum(counts.get("quarantine", {}).values()):
        return Finding("work", "warning", f"{n} items could not be read", "`tactful quarantine list`")
    return Finding("work", "ok", "nothing waits that should not")


def check_processes(settings: "Settings") -> Finding:
    """Whether every process of the service here shows life."""
    from wiring.lock import service_of
    from wiring.processes import frozen, restarts

    if service_of(settings.home) is None:
        return Finding("processes", "ok", "no service runs in this home")
    if silent := frozen(settings.home):
        fix = "the supervisor replaces it within 30 s; if not, stop `tactful up` and start it again"
        return Finding("processes", "warning", f"no life: {_few(silent)}", fix)
    if often := [f"{name} {n} times" for name, n in restarts(settings.home).items() if n > RESTARTS_MANY]:
        return Finding("processes", "warning", f"started again: {_few(often)}", "its log says why it ended")
    return Finding("processes", "ok", "all of them show life")


def check_backup(settings: "Settings") -> Finding:
    from math import isinf

    from wiring.measures import backup_age_s

    age_s = backup_age_s(settings.home)
    if isinf(age_s):
        return Finding("backup", "ok", "none was made from this home yet: `tactful backup FILE`")
    days = age_s / 86_400
    if days > BACKUP_OLD_DAYS:
        return Finding("backup", "warning", f"the last one is {days:.0f} days old", "`tactful backup FILE`")
    return Finding("backup", "ok", f"the last one is {days:.1f} days old")


def check_queue(settings: "Settings") -> Finding:
    from wiring.embedded import find_server

    if settings.redis.url != "embedded":
        from wiring.assemble import queue

        if queue(settings).is_reachable():
            return Finding("queue", "ok", "the configured server answers")
        return Finding("queue", "failed", "the configured server does not answer", FIXES["queue"])
    return Finding("queue", "ok", f"bundled server: {find_server()}")


def check_model(settings: "Settings") -> Finding:
    from wiring.assemble import Assembly
    from wiring.serving import open_classifier

    opened = open_classifier(settings, redactor=Assembly(settings).redactor)
    others = [f"{task} by {name}" for task, name in opened.bundles.items() if name != opened.bundle_id]
    return Finding("model", "ok", ", ".join([f"bundle {opened.bundle_id}", *others]))


def check_playbook(settings: "Settings") -> Finding:
    from wiring.assemble import Assembly
    from wiring.serving import labels, risks_read

    playbook = Assembly(settings, is_trial=True).playbook
    try:
        told = labels(settings)
    except TactfulError:
        return Finding("playbook", "ok", str(settings.playbook))  # the check of the model says why
    unknown = [label for label in told.get("intent", ()) if label not in playbook.policy.intents]
    if unknown:
        fix = "give each a line under `intents:` in playbook.yaml and a play, or serve the bundle this playbook knows"
        return Finding("playbook", "warning", f"it does not know labels of the bundle: {_few(unknown)}", fix)
    lost = [str(problem) for problem in playbook.unreachable(told, risks=risks_read(settings))]
    if lost:
        fix = f"`tactful playbook lint --bundle {settings.bundle}` names them with what to do"
        if settings.model.bundles:
            fix = "name labels that serve, ask for `risks`, or train a bundle with them"
        return Finding("playbook", "warning", "; ".join(lost), fix)
    return Finding("playbook", "ok", str(settings.playbook))


def check_safety(settings: "Settings") -> Finding:
    """Whether danger is read, and whether somebody is told of it."""
    from care.classification import RISKS
    from care.handing_over import reachable
    from wiring.assemble import Assembly
    from wiring.serving import reads_risk

    policy = Assembly(settings, is_trial=True).playbook.policy
    if not reads_risk(settings):
        detail = "what cannot wait (danger, self-harm, fraud and the like) is read by a few rules of words alone"
        return Finding("safety", "warning", detail, FIXES["safety"])
    told = {kind: policy.risk(kind).tells for kind in RISKS}
    unheard = [kind for kind, team in told.items() if team and not (reachable(policy, team) or reachable(policy, "*"))]
    if unheard:
        fix = "give a contact of their team an `email` in playbook.yaml"
        return Finding("safety", "warning", f"nobody can be told of: {_few(unheard)}", fix)
    return Finding("safety", "ok", f"{len(told)} kinds are read beside any labels, and somebody is told")


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")


FIXES = {
    "channels": "see what is said of the database",
    "database": "start it, or correct TACTFUL_DATABASE__URL; then `tactful up` brings its tables up to date",
    "work": "see what is said of the database",
    "queue": "start it, or leave TACTFUL_REDIS__URL unset to use the bundled server",
    "model": "`make train` makes the default bundle",
    "safety": "`make train` makes the heads for it",
    "playbook": "`tactful playbook lint` names each line",
}
CHECKS: tuple["Callable[[Settings], Finding]", ...] = (
    check_home,
    check_database,
    check_channels,
    check_rewriter,
    check_work,
    check_processes,
    check_backup,
    check_queue,
    check_model,
    check_playbook,
    check_safety,
)
