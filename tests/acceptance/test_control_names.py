"""Names of timelines, as the control API takes them."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.control import control, refused


class TestNames:
    """Of a timeline, names alone are taken: no path leads out of the folders."""

    @pytest.fixture
    def folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        folder = tmp_path / "timelines"
        folder.mkdir()
        text = "jobs: [{total_size_bytes: 1, script: [paused]}]\n"
        for path in (tmp_path / "outside.yaml", folder / "inside.yaml", folder / ".hidden.yaml"):
            path.write_text(text, encoding="utf-8")
        monkeypatch.setenv("MOCKSERVER_TIMELINES", str(folder))
        monkeypatch.chdir(folder)
        return folder

    @pytest.mark.parametrize(
        "name",
        [
            "../outside",
            "../outside.yaml",
            "..\\outside",
            "{folder}/inside",
            "{folder}/inside.yaml",
            "{folder}/../outside.yaml",
            "./inside",
            "inside.yaml",
            "inside.YAML",
            "inside/",
            "/inside",
            "..%2Foutside",
            "%2e%2e%2foutside",
            "inside\0",
            "\0",
            "inside.yaml\0",
            ".hidden",
            "..",
            ".",
            "~/inside",
            "file:inside",
            "$HOME",
            "INSIDE",
        ],
    )
    def test_a_path_is_an_unknown_name(self, folder: Path, name: str) -> None:
        one = control()
        assert one.put({"name": "inside"})["timeline"]["name"] == "inside"
        body = {"name": name.format(folder=folder)}
        for method, path in (("PUT", "/timeline"), ("POST", "/sessions")):
            facts = refused(one, method, path, body)
            assert (facts["status"], facts["pointer"]) == (404, "/name")
            assert facts["message"].startswith("unknown timeline")
            assert str(folder) not in facts["expected"]

    def test_a_link_is_a_name_like_any_other_and_its_target_is_none(self, folder: Path) -> None:
        (folder / "link.yaml").symlink_to(folder.parent / "outside.yaml")
        one = control()
        assert one.put({"name": "link"})["timeline"]["name"] == "link"
        assert refused(one, "PUT", "/timeline", {"name": "outside"})["status"] == 404

    def test_a_name_beside_an_inline_timeline_reads_no_file(self, folder: Path) -> None:
        timeline = {"jobs": [{"total_size_bytes": 5, "script": ["failed"]}]}
        state = control().put({"name": "../outside.yaml", "timeline": timeline})
        assert state["timeline"]["name"] == "outside"
        assert state["jobs"][0]["phase"] == "failed"
