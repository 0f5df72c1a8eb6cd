"""The tables of docs/targets.md, from the results of the checks."""

import files
import trained
from toolchains import TOOLCHAINS

TOLERANCE = 1e-4
# The trained networks have to agree closer: a choice among equal scores that differs shows at once.
TRAINED_TOLERANCE = 1e-5


def cell(toolchain, name, result, tolerance=TOLERANCE):
    """The text of a cell, and whether it is as it should be."""
    if "refused" in result:
        return result["refused"], True
    advice = next((text for start, text in toolchain.known.items() if name.startswith(start)), None)
    if "error" in result:
        return advice or f"**fails**: {result['error']}", advice is not None
    if "difference" not in result:
        return toolchain.does, True
    worst = result["difference"]
    if worst > tolerance and advice:
        return f"{worst:.0e}: {advice}", True
    return f"{worst:.0e}", worst <= tolerance


def across_batches(toolchain, kind, cells):
    """One entry for all batches with the same outcome: of numbers the largest."""
    entries, isGreen = {}, True
    for batch in files.BATCHES:
        name = f"{kind}, batch {batch}"
        if name not in cells:
            continue
        text, isRight = cell(toolchain, name, cells[name])
        isGreen &= isRight
        isNumber = isRight and text[0].isdigit() and ": " not in text
        batches, texts = entries.setdefault("number" if isNumber else text, ([], []))
        batches.append(batch)
        texts.append(text)
    parts = [(", ".join(batches), max(texts, key=sortable)) for batches, texts in entries.values()]
    return parts[0][1] if len(parts) == 1 else "; ".join(f"{batches}: {text}" for batches, text in parts), isGreen


def sortable(text):
    """A number as itself; other texts of an entry are all the same."""
    try:
        return float(text)
    except ValueError:
        return 0.0


def row(cells):
    return "| " + " | ".join(cells) + " |"


def forms(results):
    """A row for each toolchain, a column for each form of block; whether no cell is red."""
    lines, isGreen = [row(["", "version", *files.KINDS]), "|---|---|" + "---|" * len(files.KINDS)], True
    for toolchain in TOOLCHAINS:
        result = results.get(toolchain.name)
        if result is None:
            continue
        versions = ", ".join(f"{name} {version}" for name, version in result["versions"].items())
        entries = [across_batches(toolchain, kind, result["cells"]) for kind in files.KINDS]
        isGreen &= all(isRight for _, isRight in entries)
        isWhole = toolchain.batches == files.BATCHES
        name = toolchain.name if isWhole else f"{toolchain.name}, batch {', '.join(toolchain.batches)}"
        lines.append(row([name, versions, *(text for text, _ in entries)]))
    return "\n".join(lines), isGreen


def trained_networks(results):
    """The same for the trained networks."""
    lines, isGreen = [row(["", *trained.CELLS]), "|---|" + "---|" * len(trained.CELLS)], True
    for toolchain in TOOLCHAINS:
        cells = results.get(toolchain.name, {}).get("cells", {})
        if trained.CELLS[0] not in cells:
            continue
        entries = [cell(toolchain, name, cells[name], TRAINED_TOLERANCE) for name in trained.CELLS]
        isGreen &= all(isRight for _, isRight in entries)
        lines.append(row([toolchain.name, *(text for text, _ in entries)]))
    return "\n".join(lines), isGreen
