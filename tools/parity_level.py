"""Hold the public names against the reference API, at the level that the project has reached.

    python tools/parity_level.py PATH/api_parity.py            check
    python tools/parity_level.py PATH/api_parity.py --raise    write today's counts as the new level

The level stands in ``tests/parity_level.json``: how many names of each tier are present, compatible and documented,
and which present ones still differ, because a part of the reference that they need is not here yet. The counts may
only rise and the list only shrink; deliberate differences stand in ``docs/api-differences.txt`` with their reason.
No public function may be a stub.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEVEL = ROOT / "tests" / "parity_level.json"
DIFFERENCES = ROOT / "docs" / "api-differences.txt"
KEYS = ("present", "compatible", "documented")


def compare(tool: str) -> dict:
    """Run the comparison and return what it wrote."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "parity.json")
        run = subprocess.run(
            [
                sys.executable,
                tool,
                "--quiet",
                "--stubs",
                "public",
                "--allow",
                str(DIFFERENCES),
                "--json",
                str(out),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        if not out.exists():
            sys.exit(run.stdout + run.stderr)
        result = json.loads(out.read_text())
        if run.returncode:
            result["faults"] = run.stdout
        return result


def main() -> int:
    tool, *options = sys.argv[1:]
    result = compare(tool)
    reached = {
        tier: {key: counts[key] for key in KEYS}
        for tier, counts in result["summary"].items()
        if "documented API" not in tier
    }
    differing = {
        name: "; ".join(symbol.get("faults", [])) or str(symbol.get("notes"))
        for name, symbol in sorted(result["symbols"].items())
        if symbol.get("present") and not symbol.get("compatible")
    }
    if "--raise" in options:
        level = {"reached": reached, "differing": list(differing)}
        LEVEL.write_text(json.dumps(level, indent=1) + "\n")
        print(f"wrote {LEVEL.relative_to(ROOT)}")
    level = json.loads(LEVEL.read_text())
    faults = [result["faults"]] if "faults" in result else []
    for tier, counts in level["reached"].items():
        for key, number in counts.items():
            if reached[tier][key] < number:
                faults.append(
                    f"{tier}: {reached[tier][key]} names are {key}, the level is {number}"
                )
    faults += [
        f"{name} differs: {why}"
        for name, why in differing.items()
        if name not in level["differing"]
    ]
    faults += [f"{stub['id']} is a stub: {stub['reason']}" for stub in result["stubs"]]
    for tier, counts in reached.items():
        print(f"{tier}: " + ", ".join(f"{counts[key]} {key}" for key in KEYS))
    print("\n".join(faults))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
