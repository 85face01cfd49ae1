"""Labels as statistical files keep them: of so many bytes, and each still told from the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

#: What a file keeps of the label of a code, and of a variable, in bytes of UTF-8; it cuts the rest
#: without a word.
SAV_LIMIT, DTA_LIMIT = 120, 32_000
SAV_VARIABLE_LIMIT = 256


def fit_label(label: str, limit: int, end: str = "") -> str:
    """``label`` in ``limit`` bytes with ``end``; what is cut ends in «…»."""
    whole = label.replace("\0", "").rstrip(" ") + end  # neither comes back from a file
    if len(whole.encode()) <= limit:
        return whole
    end = f"…{end}"
    cut = label.replace("\0", "").encode()[: limit - len(end.encode())]
    return cut.decode(errors="ignore").rstrip() + end  # a character cut in two is left out


def fit_labels(labels: Mapping[int | float, str], limit: int) -> dict[int | float, str]:
    """The labels of a variable's codes in ``limit`` bytes each. What was cut and would then be the
    label of another code ends in its own code: «J’enseigne… (3)»."""
    found = {code: fit_label(label, limit) for code, label in labels.items()}
    times = Counter(found.values())
    return {
        code: label
        if label == labels[code] or times[label] == 1
        else fit_label(labels[code], limit, f" ({code})")
        for code, label in found.items()
    }
