from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from bot.domain.notices import DealList
from bot.render import TemplateRenderer
from bot.render.renderer import TEMPLATES
from tests.unit.render.test_languages import DEAL


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """English templates, compiled once."""
    folder = tmp_path / "templates"
    shutil.copytree(TEMPLATES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    said(folder)
    return folder


def said(folder: Path) -> str:
    notice = DealList(partner="P", deals=(DEAL,))
    return TemplateRenderer(["en"], programme="Desk", folder=folder).email(notice, "en", reply_to="x@y.example").text


def kept(folder: Path) -> list[Path]:
    return sorted((folder / "__pycache__").iterdir())


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that are compiled from now on."""
    names: list[str] = []
    compile_one = Environment.compile

    def counted(self: Environment, source: Any, name: Any, *rest: Any) -> Any:
        names.append(name)
        return compile_one(self, source, name, *rest)

    monkeypatch.setattr(Environment, "compile", counted)
    return names


def test_what_was_compiled_once_is_not_compiled_again(folder, compiled):
    assert "P" in said(folder)
    assert compiled == []


def test_a_changed_template_is_compiled_again_and_no_other(folder, compiled):
    with (folder / "deal_list.en.md").open("a") as file:
        file.write("\nA new line.\n")
    assert "A new line." in said(folder)
    assert compiled == ["deal_list.en.md"]


def test_another_version_of_the_compiler_compiles_everything_again(folder, compiled, monkeypatch):
    monkeypatch.setattr("bot.render.compiled._compiler", lambda: b"another")
    said(folder)
    assert len(compiled) == len(kept(folder))


@pytest.mark.parametrize("rubbish", [b"", b"j2", b"no template", None], ids=["empty", "short", "foreign", "cut off"])
def test_a_damaged_file_is_made_anew(folder, compiled, rubbish):
    for path in kept(folder):
        path.write_bytes(path.read_bytes()[:-20] if rubbish is None else rubbish)
    assert "P" in said(folder)
    assert len(compiled) == len(kept(folder))
    compiled.clear()
    assert "P" in said(folder)
    assert compiled == []


def test_where_nothing_can_be_written_templates_are_compiled_each_time(folder, compiled):
    shutil.rmtree(folder / "__pycache__")
    (folder / "__pycache__").write_text("a file, where a folder should be")
    assert "P" in said(folder)
    assert "deal_list.en.md" in compiled
