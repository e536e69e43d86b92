"""GET /metrics, and that the alert rules and the dashboard name only what is there."""

import json
import pathlib
import re
import shutil
import subprocess

import pytest
import yaml

from support import postgres
from support.packages import Package

PACKAGING = pathlib.Path(__file__).resolve().parents[2] / "packaging"
NAME = re.compile(r"\b(?:waybill|process)_[a-z_]+\b")


def samples(api):
    answer = api.get("/metrics", headers={"Authorization": ""})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    values = {}
    for line in answer.text.splitlines():
        if not line.startswith("#"):
            name, value = line.rsplit(" ", 1)
            assert name not in values, f"{name} twice"
            values[name] = float(value)
    return values


@pytest.mark.skipif(postgres.nodes_wanted() > 1, reason="each node counts what it does itself")
def test_jobs_items_and_requests_are_counted(api, share):
    before = samples(api)
    package = Package(articles=5)
    package.articles[4]["languageCode"] = "xx-XX"
    api.run(package.write(share / "a.zip"))
    after = samples(api)

    def more(name):
        return after[name] - before.get(name, 0)

    assert more('waybill_jobs{type="Import",state="Successful"}') == 1
    assert more('waybill_items_processed_total{type="Import",result="successful"}') == 5
    assert more('waybill_items_processed_total{type="Import",result="errors"}') == 1
    assert more('waybill_http_requests_total{method="POST",status="202"}') == 1
    assert more("waybill_http_request_duration_seconds_count") >= 2
    assert after["waybill_search_index_backlog"] == 0
    assert after["waybill_healthy"] == 1
    assert after["process_resident_memory_bytes"] > 1e6
    assert after["process_open_fds"] > 5
    buckets = [value for name, value in after.items() if "duration_seconds_bucket" in name]
    assert buckets == sorted(buckets) and buckets[-1] == after["waybill_http_request_duration_seconds_count"]


def test_metrics_name_no_department_and_no_content(api, share):
    api.run(Package(articles=1, folders=("Secretfolder",)).write(share / "a.zip"))
    text = api.get("/metrics").text
    assert "Secretfolder" not in text and "default" not in text and str(share) not in text


def test_alerts_and_dashboard_name_only_metrics_that_exist(api):
    families = set()
    for line in api.get("/metrics").text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            families |= {name} if kind != "histogram" else {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
    alerts = yaml.safe_load((PACKAGING / "prometheus" / "alerts.yaml").read_text())
    expressions = [rule["expr"] for group in alerts["groups"] for rule in group["rules"]]
    dashboard = json.loads((PACKAGING / "grafana" / "waybill.json").read_text())
    expressions += [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    expressions += [row["query"] for row in dashboard["templating"]["list"] if row["type"] == "query"]
    named = {name for expression in expressions for name in NAME.findall(expression)}
    assert len(named) > 8
    assert named <= families


def test_alert_rules_are_sound():
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is not installed (package prometheus)")
    done = subprocess.run([promtool, "check", "rules", PACKAGING / "prometheus" / "alerts.yaml"], capture_output=True,
                          text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_promtool_finds_nothing_wrong_with_the_text(api):
    promtool = shutil.which("promtool")
    if not promtool:
        pytest.skip("promtool is not installed (package prometheus)")
    done = subprocess.run([promtool, "check", "metrics"], input=api.get("/metrics").text, capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stdout + done.stderr
