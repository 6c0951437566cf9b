"""Our own rules for the C code, those that no compiler checks.

* ``csrc/core`` knows no Python: no ``Python.h`` there.
* Every ``.c`` and ``.cpp`` of the core has a header of the same name, and each header compiles by itself.
* Functions that have led to overruns or hidden state elsewhere are banned.
* What a library of ours exports begins with ``hw_`` (``hwpy_`` in the bindings); the extension exports its init only.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BANNED = (
    "strcpy",
    "strcat",
    "sprintf",
    "vsprintf",
    "strtok",
    "atoi",
    "atol",
    "system",
    "alloca",
    "gets",
    "tmpnam",
    "popen",
)


def without_comments(text: str) -> str:
    """Blank out comments and strings, keeping the lines."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)


def sources() -> list[Path]:
    return sorted(p for p in (ROOT / "csrc").rglob("*") if p.suffix in {".c", ".h", ".cpp"})


def check_text(faults: list[str]) -> None:
    banned = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in sources():
        name = path.relative_to(ROOT)
        raw = path.read_text()
        for number, line in enumerate(without_comments(raw).splitlines(), 1):
            if found := banned.search(line):
                faults.append(f"{name}:{number}: {found[1]}() is not used here")
        if "core" in path.parts and "Python.h" in raw:
            faults.append(f"{name}: the core knows no Python")
        if "core" in path.parts and path.suffix == ".c" and not path.with_suffix(".h").exists():
            family = path.stem.rsplit("_", 1)[0]
            if not path.with_name(family + ".h").exists():
                faults.append(f"{name}: has no header of its name or family")
        lines = raw.count("\n")
        if lines > 1000:
            faults.append(f"{name}: {lines} lines; over 1,000 is never right")


def check_headers(faults: list[str]) -> None:
    """Compile each header of the core alone."""
    flags = subprocess.run(
        ["pkg-config", "--cflags", "libcurl", "openssl", "simdjson"], capture_output=True, text=True
    )
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((ROOT / "csrc" / "core").glob("*.h")):
            alone = Path(folder, "alone.c")
            alone.write_text(f'#include "{path.name}"\n')
            run = subprocess.run(
                [
                    "cc",
                    "-std=c11",
                    "-D_GNU_SOURCE",
                    "-Wall",
                    "-Wextra",
                    "-fsyntax-only",
                    f"-I{path.parent}",
                    *flags.stdout.split(),
                    str(alone),
                ],
                capture_output=True,
                text=True,
            )
            if run.returncode:
                faults.append(f"{path.relative_to(ROOT)} does not stand alone:\n{run.stderr}")


def defined_symbols(library: Path, *options: str) -> list[str]:
    run = subprocess.run(
        ["nm", "--defined-only", *options, str(library)], capture_output=True, text=True, check=True
    )
    return [
        line.split()[2]
        for line in run.stdout.splitlines()
        if len(line.split()) == 3 and line.split()[1] in "TDBRVW"
    ]


def check_symbols(faults: list[str]) -> None:
    archive = ROOT / "build" / "libhopsworks_core.a"
    extension = ROOT / "hopsworks" / "_native.abi3.so"
    if archive.exists():
        for symbol in defined_symbols(archive, "-g"):
            if not symbol.startswith(("hw_", "_ZN", "_ZT", "_ZS", "_ZG", "_ZK", "_Z")):
                faults.append(f"{archive.name}: {symbol} has no hw_ prefix")
    if extension.exists():
        exported = [
            s
            for s in defined_symbols(extension, "-D")
            if s not in {"PyInit__native", "_init", "_fini"}
        ]
        faults += [f"{extension.name}: exports {symbol}" for symbol in exported]


def main() -> int:
    faults: list[str] = []
    check_text(faults)
    check_headers(faults)
    check_symbols(faults)
    print("\n".join(faults) if faults else f"{len(sources())} C files follow the rules")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
