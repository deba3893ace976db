"""Is docker-compose.yml a valid file, and does every service keep the rules of the house?"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.contrib.testing.worker import start_worker
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import AuthenticationError, NoPermissionError
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from posebatch_producer.private_redis import find_redis_server
from posebatch_shared.messages import TRACK_VIDEO, TrackVideo
from posebatch_shared.queue import Doorbell, create_celery
from servers import free_port, wait_until

ROOT = Path(__file__).parents[2]
PASSWORDS = ("POSTGRES_PASSWORD", "REDIS_PASSWORD", "POSEBATCH_FLOWER_PASSWORD", "GRAFANA_PASSWORD")
FILLED_IN = {**dict.fromkeys(PASSWORDS, "secret"), "POSEBATCH_ARCHIVE": "/videos"}
PASSWORD = "a-Secret_1"
PROFILES = ("gpu", "monitoring", "command")


@pytest.fixture(scope="module")
def services() -> Mapping[str, Any]:
    document = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services: Mapping[str, Any] = document["services"]
    return services


def compose_config(tmp_path: Path, values: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """`docker-compose config` with these values in place of .env."""
    if shutil.which("docker-compose") is None:
        if os.environ.get("CI"):
            pytest.fail("no docker-compose here")
        pytest.skip("no docker-compose here")
    file = tmp_path / "values.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in values.items()))
    profiles = [word for profile in PROFILES for word in ("--profile", profile)]
    return subprocess.run(
        ["docker-compose", "--env-file", str(file), *profiles, "config"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )


def test_compose_accepts_the_file_with_every_profile(tmp_path: Path) -> None:
    done = compose_config(tmp_path, FILLED_IN)
    assert done.returncode == 0, done.stderr
    resolved = yaml.safe_load(done.stdout)["services"]
    assert {"redis", "postgres", "migrate", "worker-cpu", "worker-gpu", "flower"} <= set(resolved)
    assert resolved["worker-cpu"]["environment"]["POSEBATCH_BROKER_URL"].startswith(
        "redis://:secret@"
    )


def test_compose_refuses_to_start_without_a_password(tmp_path: Path) -> None:
    values = {name: value for name, value in FILLED_IN.items() if name != "REDIS_PASSWORD"}
    done = compose_config(tmp_path, values)
    assert done.returncode != 0
    assert "set it in .env" in done.stderr


def test_every_service_is_hardened(services: Mapping[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert service.get("user") not in ("root", "0"), name
        assert not service.get("privileged"), name
        assert any(mount.startswith("/tmp:") for mount in service["tmpfs"]), name
        assert service["dns"] == ["127.0.0.1"], name


def test_only_pages_for_people_are_published_and_only_on_loopback(
    services: Mapping[str, Any],
) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(published) == {"flower", "dashboard", "grafana"}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    for name, service in services.items():
        on_networks = set(service["networks"])
        assert on_networks == ({"internal", "published"} if name in published else {"internal"})


def test_no_network_leads_out() -> None:
    networks = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["networks"]
    assert networks["internal"]["internal"] is True
    options = networks["published"]["driver_opts"]
    assert options["com.docker.network.bridge.enable_ip_masquerade"] == "false"


def test_redis_never_evicts_and_keeps_its_password_out_of_the_process_list(
    services: Mapping[str, Any],
) -> None:
    command = " ".join(services["redis"]["command"])
    assert "--maxmemory-policy noeviction" in command
    assert "--requirepass" not in command
    assert ">$$REDIS_PASSWORD" in command


def test_archives_are_read_only_for_everyone(services: Mapping[str, Any]) -> None:
    mounts = [mount for service in services.values() for mount in service.get("volumes", ())]
    archives = [mount for mount in mounts if "/archive" in mount]
    assert archives
    assert all(mount.endswith(":/archive:ro") for mount in archives)


def test_every_build_target_and_every_mounted_file_exists(services: Mapping[str, Any]) -> None:
    dockerfile = (ROOT / "ops/Dockerfile").read_text()
    targets = set(re.findall(r"^FROM \S+ AS (\S+)$", dockerfile, re.MULTILINE))
    assert {"producer", "worker-cpu", "worker-gpu", "ops"} <= targets
    for service in services.values():
        if "build" in service:
            assert service["build"]["target"] in targets
        for mount in service.get("volumes", ()):
            source = mount.split(":")[0]
            assert not source.startswith("./") or (ROOT / source).is_dir()


def test_images_end_without_root() -> None:
    dockerfile = (ROOT / "ops/Dockerfile").read_text()
    assert re.findall(r"^USER (\S+)$", dockerfile, re.MULTILINE)[-1] == "10001:10001"


def test_the_example_environment_names_every_required_value() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", (ROOT / "docker-compose.yml").read_text()))
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert required == set(FILLED_IN)
    assert required <= named


@pytest.fixture
def composed_redis(services: Mapping[str, Any], tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Port and pid of a Redis started as written, but for its folder and port."""
    server = find_redis_server()
    assert server is not None
    port = free_port()
    script = services["redis"]["command"][2].replace("$$", "$")
    script = script.replace("redis-server", server).replace("/data", f"{tmp_path} --port {port}")
    environment = {"PATH": os.environ["PATH"], "REDIS_PASSWORD": PASSWORD}
    process = subprocess.Popen(["sh", "-c", script], env=environment, stdout=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_up(port) or process.poll() is not None)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def client(port: int, password: str | None = PASSWORD) -> Redis:
    """One that asks once: by itself it would wait for seconds before it asks again."""
    return Redis(port=port, password=password, retry=Retry(NoBackoff(), retries=0))


def is_up(port: int) -> bool:
    try:
        return bool(client(port).ping())
    except RedisConnectionError:
        return False


def test_redis_keeps_strangers_out_and_guests_from_harm(composed_redis: tuple[int, int]) -> None:
    port, pid = composed_redis
    with pytest.raises(AuthenticationError):
        client(port, password=None).ping()
    guest = client(port)
    for command in ("FLUSHALL", "CONFIG GET *", "KEYS *", "EVAL return 0", "SHUTDOWN"):
        with pytest.raises(NoPermissionError):
            guest.execute_command(*command.split())
    words = Path(f"/proc/{pid}/cmdline").read_bytes()
    assert b"redis-server" in words  # itself, so that it hears when it is to stop
    assert PASSWORD.encode() not in words


def test_celery_needs_no_more_than_this_redis_allows(composed_redis: tuple[int, int]) -> None:
    broker_url = f"redis://:{PASSWORD}@127.0.0.1:{composed_redis[0]}/0"
    app = create_celery(broker_url, key_prefix="posebatch:")
    app.tasks.pop(TRACK_VIDEO, None)  # the real one, if this process has imported it
    done = threading.Event()

    @app.task(name=TRACK_VIDEO)
    def track_video(job_id: int) -> None:
        done.set()

    doorbell = Doorbell(app, broker_url=broker_url, key_prefix="posebatch:")
    with start_worker(app, pool="solo", perform_ping_check=False, queues=["any"]):
        assert doorbell.ring([TrackVideo(job_id=1, queue="any")]) == 1
        assert done.wait(30)
        assert app.control.inspect(timeout=30, limit=1).ping()
        assert doorbell.depth("any") == 0
    doorbell.close()
