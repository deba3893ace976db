#!/usr/bin/env bash
# Does the wheel, alone in a clean environment without extras, import and start, and stay light?
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT

uv build --quiet --out-dir "$folder/dist" .
uv venv --quiet "$folder/venv"
uv pip install --quiet --python "$folder/venv/bin/python" --no-config "$folder"/dist/*.whl

# Outside the checkout, so that only what was installed can be imported.
cd "$folder"
export POSEBATCH_HOME="$folder/home" POSEBATCH_STORE_URL= POSEBATCH_BROKER_URL=
venv/bin/python - dist/*.whl <<'PYTHON'
import importlib
import pkgutil
import sys
import zipfile
from importlib.util import find_spec

PACKAGES = {"posebatch_shared", "posebatch_producer", "posebatch_workers", "posebatch_ops"}
HEAVY = {"numpy", "mediapipe", "onnxruntime", "cv2", "av", "rtmlib", "scipy", "nicegui", "flower"}

names = zipfile.ZipFile(sys.argv[1]).namelist()
tops = {name.split("/")[0] for name in names if ".dist-info/" not in name}
assert tops == PACKAGES, f"the wheel holds {sorted(tops)}"
for package in PACKAGES:
    assert f"{package}/py.typed" in names, f"{package} is not marked as typed"
    origin = __import__(package).__file__
    assert "site-packages" in origin, f"{package} was imported from {origin}"
assert any("/store/migrations/versions/r0001" in name for name in names), "no migrations"
assert any(name.endswith("/licenses/LICENSE") for name in names), "no licence"

present = {name for name in HEAVY if find_spec(name)}
assert not present, f"an install without extras brought {sorted(present)}"

from posebatch_producer.commands import app  # noqa: E402, F401

loaded = (HEAVY | {"celery", "sqlalchemy"}) & {name.split(".")[0] for name in sys.modules}
assert not loaded, f"the command's start imported {sorted(loaded)}"

import posebatch_producer  # noqa: E402

for module in pkgutil.walk_packages(posebatch_producer.__path__, "posebatch_producer."):
    importlib.import_module(module.name)  # none of them may need what is not installed
PYTHON
venv/bin/posebatch --help > help.txt
grep -q submit help.txt
# The ledger's migrations run from the wheel too.
venv/bin/posebatch migrate
test -s home/ledger.sqlite
echo "wheel check: ok"
