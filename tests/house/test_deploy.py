"""What `docs/deploy/` shows can be used: well formed, naming only commands, settings and figures that there are."""

import configparser
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import CollectorRegistry

from api.health import Figures
from cli.main import app
from wiring.settings import Settings

pytestmark = pytest.mark.issue(18)
DEPLOY = Path(__file__).resolve().parents[2] / "docs" / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())
QUEUES = ("prepare", "deliver", "notify", "webhook", "train")


def documents(name: str) -> list[Any]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def commands() -> set[str]:
    return {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}


def is_command(words: list[str]) -> bool:
    """Whether this is how a process of the service is started."""
    return words[0] in commands() and (words[0] != "worker" or words[1] in QUEUES)


def is_setting(name: str) -> bool:
    """Whether an environment variable is one that the settings read."""
    fields: Any = Settings.model_fields
    for part in name.removeprefix("TACTFUL_").lower().split("__"):
        if part not in fields:
            return False
        fields = getattr(fields[part].annotation, "model_fields", {})
    return True


def figures() -> dict[str, set[str]]:
    """By the name under which Prometheus knows it, the labels of every figure."""
    registry: CollectorRegistry = Figures().registry
    known: dict[str, set[str]] = {}
    for metric in registry._collector_to_names:
        labels = set(getattr(metric, "_labelnames", ()))
        for name in registry._collector_to_names[metric]:
            known[name] = labels
    return known


def expressions() -> Iterator[str]:
    for group in documents("alerts.yaml")[0]["groups"]:
        yield from (rule["expr"] for rule in group["rules"])
    for panel in json.loads((DEPLOY / "grafana.json").read_text())["panels"]:
        yield from (target["expr"] for target in panel["targets"])


def test_every_figure_of_alerts_and_dashboard_is_told_by_metrics_with_these_labels() -> None:
    known, wrong = figures(), []
    for expression in expressions():
        for name, given in re.findall(r"(tactful_\w+)(?:\{([^}]*)\})?", expression):
            labels = set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", given))
            if name not in known or not labels <= known[name] | {"instance"}:
                wrong.append((name, given))

    assert wrong == []
    assert "tactful_nothing" not in known


def test_every_alert_says_what_is_wrong_and_what_to_do() -> None:
    rules = [rule for group in documents("alerts.yaml")[0]["groups"] for rule in group["rules"]]

    assert len({rule["alert"] for rule in rules}) == len(rules) > 10
    for rule in rules:
        assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"]
        assert rule["annotations"]["description"]
        assert re.fullmatch(r"\d+[smh]", rule["for"])
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_compose_starts_what_there_is_with_settings_that_are_read() -> None:
    [told] = documents("compose.yaml")
    services, volumes = told["services"], set(told["volumes"])

    for name, service in services.items():
        assert service.get("image") or service.get("build"), name
        assert set(service.get("depends_on", ())) <= set(services), name
        assert {volume.split(":")[0] for volume in service.get("volumes", ())} <= volumes, name
        if service["image"] == "tactful" and "command" in service:
            assert is_command(service["command"]), name
            assert [key for key in service["environment"] if not is_setting(key)] == []
    worked = {service["command"][1] for service in services.values() if service.get("command", [""])[0] == "worker"}
    assert worked == set(QUEUES)


def test_kubernetes_manifests_fit_together() -> None:
    told = documents("kubernetes.yaml")
    names = {(item["kind"], item["metadata"]["name"]) for item in told}
    settings = {**told[0]["stringData"], **told[1]["data"]}

    assert len(names) == len(told)
    assert [key for key in settings if not is_setting(key)] == []
    for item in told:
        assert item["apiVersion"]
        if item["kind"] not in ("Deployment", "Job"):
            continue
        template = item["spec"]["template"]
        if item["kind"] == "Deployment":
            assert item["spec"]["selector"]["matchLabels"] == template["metadata"]["labels"]
        [container] = template["spec"]["containers"]
        assert is_command(container["args"]), item["metadata"]["name"]
        for source in container["envFrom"]:
            kind = "ConfigMap" if "configMapRef" in source else "Secret"
            assert (kind, next(iter(source.values()))["name"]) in names
        claims = {volume["persistentVolumeClaim"]["claimName"] for volume in template["spec"]["volumes"]}
        assert {("PersistentVolumeClaim", claim) for claim in claims} <= names


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_a_unit_starts_a_command_that_there_is_and_always_again(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)

    assert unit["Unit"]["Description"]
    if path.suffix == ".service":
        words = unit["Service"]["ExecStart"].replace("'", " ").split()
        at = max(n for n, word in enumerate(words) if word.endswith("/bin/tactful"))
        assert is_command([word.replace("%i", "1") for word in words[at + 1 :]])
        if unit["Service"].get("Type") != "oneshot":
            # An RQ worker leaves with 0 when its server blinks.
            assert unit["Service"]["Restart"] == "always"
            assert int(unit["Service"]["TimeoutStopSec"]) >= 75


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        # What it would look at is looked at above.
        assert UNITS
        return
    for path in UNITS:
        # The program is not installed where the tests run.
        (tmp_path / path.name).write_text(
            re.sub(r"^ExecStart=.*$", "ExecStart=/bin/true", path.read_text(), flags=re.M)
        )
    paths = [str(tmp_path / path.name.replace("@.", "@1.")) for path in UNITS]
    (tmp_path / "tactful-prepare@1.service").write_text((tmp_path / "tactful-prepare@.service").read_text())
    told = subprocess.run([analyze, "verify", "--man=no", *paths], capture_output=True, text=True, timeout=60)

    ours = [line for line in told.stderr.splitlines() if "tactful" in line and "environment" not in line]
    assert ours == []


def test_the_image_is_built_from_what_lies_in_the_project() -> None:
    lines = (DEPLOY / "Dockerfile").read_text().splitlines()

    assert (DEPLOY.parents[1] / "constraints.txt").exists()
    assert [line.split()[0] for line in lines if line and line[0].isupper()] == [
        "FROM", "ENV", "WORKDIR", "COPY", "RUN", "USER", "VOLUME", "ENTRYPOINT", "CMD"
    ]  # fmt: skip
