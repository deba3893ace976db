"""Does the scaler's query count the work that a GPU worker could do, on a real Postgres?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

import ledgers
from posebatch_shared.store import open_store

MANIFEST = Path(__file__).parents[2] / "ops/kubernetes/worker-gpu.yaml"


@pytest.fixture(scope="module")
def documents() -> dict[str, Any]:
    return {document["kind"]: document for document in yaml.safe_load_all(MANIFEST.read_text())}


def test_the_scaler_counts_open_and_running_work(
    documents: dict[str, Any], postgres_url: str
) -> None:
    (trigger,) = documents["ScaledObject"]["spec"]["triggers"]
    store = open_store(postgres_url)
    first = ledgers.add_run(store, 5, name="any")
    ledgers.add_run(store, 7, name="cpu", device="cpu")
    paused = ledgers.add_run(store, 9, name="paused")
    with store.unit_of_work() as uow:
        uow.runs.pause(paused.run_id)
        uow.commit()
    ended, running, *_ = ledgers.jobs_of(store, first)
    ledgers.complete(store, ledgers.must_claim(store, ended.job_id))
    ledgers.must_claim(store, running.job_id)
    store.close()
    with psycopg.connect(postgres_url) as connection:
        assert connection.execute(trigger["metadata"]["query"]).fetchone() == (4,)


def test_the_pod_is_hardened(documents: dict[str, Any]) -> None:
    pod = documents["Deployment"]["spec"]["template"]["spec"]
    (worker,) = pod["containers"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert worker["securityContext"]["readOnlyRootFilesystem"]
    assert worker["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert not worker["securityContext"]["allowPrivilegeEscalation"]
