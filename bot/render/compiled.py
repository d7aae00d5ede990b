"""Keeps compiled templates beside their sources, as Python keeps its own modules. Uses none that is out of date, and
does without where nothing can be written."""

from __future__ import annotations

import hashlib
import os
import pickle
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """One file a template under `<folder>/__pycache__`: compiling 176 templates is a second of work, reading them none
    to speak of. The files are code: whoever may write them may write the templates, too."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "__pycache__"

    def get_cache_key(self, name: str, filename: str | None = None) -> str:  # noqa: ARG002  Jinja's interface
        return name

    def get_source_checksum(self, source: str) -> str:
        """Of the template, and of all that its compiling depends on."""
        return hashlib.sha256(_compiler() + source.encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError), self._path(bucket).open("rb") as file:
            try:
                bucket.load_bytecode(file)
            except (EOFError, ValueError, TypeError, pickle.UnpicklingError):  # cut off or not ours: compiled again
                bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write the file whole or not at all."""
        path = self._path(bucket)
        part = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            part.write_bytes(bucket.bytecode_to_string())
            part.replace(path)

    def _path(self, bucket: Bucket) -> Path:
        return self._folder / f"{bucket.key}.{sys.implementation.cache_tag}.jinja"


@cache
def _compiler() -> bytes:
    """The compiler's version, and our own part in it: options, and how constants are shown."""
    own = b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
    return hashlib.sha256(jinja2.__version__.encode() + own).digest()
