"""Plain data as the text of a JSON document, whatever it holds."""

from __future__ import annotations

import json
from typing import Any

from mockserver.report.cleaning import encodable

__all__ = ["to_text"]


def to_text(data: Any) -> str:
    """Indented, in UTF-8's reach; the caller keeps out numbers that are not finite."""
    text = json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False)
    return encodable(text) + "\n"
