"""What is built and installed: the wheel's files, and the package working without its sources."""

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DEADLINE_S = 240


def run(*command: str | Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1", **environment},
        capture_output=True,
        text=True,
        timeout=DEADLINE_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of what git tracks, so that nothing left lying about gets in."""
    folder = tmp_path_factory.mktemp("wheel")
    listed = run("git", "ls-files", "-co", "--exclude-standard", cwd=ROOT).splitlines()
    for name in listed:
        if (ROOT / name).is_file() and not name.startswith("fixtures/payloads/"):
            target = folder / "source" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes((ROOT / name).read_bytes())
    pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder)
    run(*pip, folder / "source", cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="session")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An interpreter that has the wheel's files, our dependencies, and no checkout."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    scheme = {"base": str(folder), "platbase": str(folder), "installed_base": str(folder)}
    site = Path(sysconfig.get_path("purelib", "venv", vars=scheme))
    zipfile.ZipFile(wheel).extractall(site)
    # A folder named in a .pth file is only searched: an editable install there stays inactive.
    folders = (path for path in sys.path if path.endswith("-packages"))
    (site / "dependencies.pth").write_text("\n".join(folders))
    return Path(sysconfig.get_path("scripts", "venv", vars=scheme)) / "python"


def test_the_wheel_holds_the_package_and_its_data_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    inside = {path for path in (ROOT / "mockserver").rglob("*.*") if path.suffix != ".pyc"}
    expected = {path.relative_to(ROOT).as_posix() for path in inside}
    for pattern in (
        *("schemas/*/*.md", "schemas/*/*.json"),
        *("fixtures/*.json", "fixtures/*.md", "fixtures/timelines/*.yaml"),
    ):
        found = {f"mockserver/{path.relative_to(ROOT).as_posix()}" for path in ROOT.glob(pattern)}
        assert found, pattern
        expected |= found
    metadata = {name for name in names if ".dist-info/" in name}
    assert names - metadata == expected
    assert any(name.endswith("/LICENSE") for name in metadata)


def test_entry_points(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    (name,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    text = archive.read(name).decode()
    assert "mockserver = mockserver.cli:main" in text
    assert "mockserver.pytest_plugin = mockserver.pytest_plugin" in text


class TestInstalled:
    """Run from an empty folder, without the checkout in sight."""

    @pytest.mark.parametrize(
        ("arguments", "expected"),
        [
            (["--version"], "mockserver "),
            (["schemas", "list"], "2026-01"),
            (["schemas", "show", "job_status"], '"x-source": "download-status.md:'),
            (["demo", "failed-midway"], "0 violations"),
        ],
    )
    def test_commands_find_their_data(
        self, python: Path, tmp_path: Path, arguments: list[str], expected: str
    ) -> None:
        out = run(python, "-P", "-m", "mockserver", *arguments, cwd=tmp_path, PYTHONPATH="")
        assert expected in out

    def test_it_is_the_wheel_that_runs(self, python: Path, tmp_path: Path) -> None:
        code = "import mockserver.resources as r; print(r.__file__, r.folder('schemas'))"
        module, schemas = run(python, "-c", code, cwd=tmp_path, PYTHONPATH="").split()
        assert Path(module).is_relative_to(python.parents[1])
        assert Path(schemas).is_relative_to(python.parents[1])

    def test_the_fixture_serves_a_test(self, python: Path, tmp_path: Path) -> None:
        (tmp_path / "test_client.py").write_text(
            "from urllib.request import urlopen\n\n"
            "def test_it(mock_server):\n"
            "    url = mock_server.url + '/api/v1/models/download/status'\n"
            "    assert urlopen(url, timeout=30).status == 200\n"
        )
        plugin = ("-p", "mockserver.pytest_plugin", "-p", "no:schemathesis")
        out = run(python, "-m", "pytest", "-q", *plugin, cwd=tmp_path, PYTHONPATH="")
        assert "1 passed" in out
