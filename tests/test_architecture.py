"""The layers, held by reading the imports: who may know whom, and what the core may not touch."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

# A module of the core may import the values and the core modules above it.
CORE = [
    "c2pa",
    "confusable",
    "normalize",
    "rules",
    "kernels",
    "lines",
    "html",
    "frames",
    "spread",
    "settle",
    "belonging",
    "recurring",
    "house",
    "clean",
    "segment",
    "tokens",
    "rarity",
    "words",
    "fingerprint",
    "characters",
    "prints",
    "runs",
    "align",
    "candidates",
    "lineage",
    "evidence",
    "passages",
    "credits_names",
    "credits_scripts",
    "credits_cues",
    "credits",
    "direction",
    "compare",
    "entries",
    "telling",
]
LAYERS = {
    # layer: (its modules, the layers it may import beside itself)
    "values": (["model", "errors", "config"], []),
    "core": (CORE, ["values"]),
    "edges": (["readers", "engine", "stores", "workers"], ["values", "core"]),
    "composition": (["index", "outside", "pipeline", "dedup", "report", "rows"], ["values", "core", "edges"]),
    "doors": (["cli", "adapters", "__main__", "service"], ["values", "core", "edges", "composition", "facade"]),
    # The package itself names what is public and loads it when asked.
    "facade": (["__init__"], ["values", "core", "composition"]),
}
LAYER_OF = {module: layer for layer, (modules, _) in LAYERS.items() for module in modules}

# The core computes: it neither waits for the world nor looks at it. (datetime may parse, but not ask.)
WORLD = {
    *("asyncio", "concurrent", "ctypes", "fileinput", "getpass", "glob", "http", "logging", "mmap"),
    *("multiprocessing", "os", "pickle", "platform", "random", "requests", "secrets", "select", "shelve"),
    *("shutil", "signal", "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time"),
    *("urllib", "uuid", "webbrowser", "click", "flask", "redis", "rich"),
}
PURE_PARTS = {"urllib.parse"}
WORLDLY_CALLS = {"open", "print", "input", "exec", "eval", "__import__", "hash", "breakpoint"}
WORLDLY_METHODS = {
    "now",
    "today",
    "utcnow",
    "write_text",
    "write_bytes",
    "open",
    "iterdir",
    "glob",
    "rglob",
    "mkdir",
}

# What takes time to import comes when it is used.
HEAVY = {
    *("numpy", "scipy", "datasketch", "simhash", "numba", "bs4", "lxml", "selectolax", "wordfreq", "zstandard"),
    *("rich", "flask", "jinja2", "waitress", "publicsuffixlist", "xxhash", "iscc_lib", "prov"),
    *("redis", "pyarrow", "sqlite3", "daft", "ray", "fastwarc"),
}

LONGEST_FILE, LONGEST_FUNCTION, MOST_POSITIONAL = 400, 40, 5


def sources(*folders):
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def parsed(path):
    return ast.parse(path.read_text("utf-8"), str(path))


def short(path):
    return path.relative_to(ROOT).as_posix()


def module_of(path):
    """Give the first name below the package: `readers` for provenance/readers/text.py."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "provenance" else parts[0]


def of_layer(layer):
    return [path for path in sources("provenance", "service") if LAYER_OF.get(module_of(path)) == layer]


def imported(path):
    """Give (line, dotted name) of everything that a file imports, wherever and for whatever in it."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{short(path)}:{node.lineno}: a relative import"
            for alias in node.names:
                yield node.lineno, f"{node.module}.{alias.name}"


def target_of(name):
    """Give the module of this project that a dotted name stands for, or None."""
    first, *rest = name.split(".")
    if first == "service":
        return "service"
    if first != "provenance" or rest == ["__version__"]:
        return None
    return rest[0] if rest and rest[0] in LAYER_OF else "__init__"


@pytest.mark.parametrize("path", sources("provenance", "service"), ids=short)
def test_a_layer_imports_only_those_below(path):
    module = module_of(path)
    layer = LAYER_OF.get(module)
    assert layer, f"say in the table which layer {module} belongs to"
    for line, name in imported(path):
        target = target_of(name)
        if target is None or target == module:
            continue
        where = f"{short(path)}:{line}: {layer} imports {name}"
        assert LAYER_OF[target] in (layer, *LAYERS[layer][1]), where
        if layer == "core" and LAYER_OF[target] == "core":
            assert CORE.index(target) < CORE.index(module), f"{where}, which stands to its right"


@pytest.mark.parametrize("path", of_layer("core"), ids=short)
def test_the_core_does_not_touch_the_world(path):
    for line, name in imported(path):
        worldly = name.split(".")[0] in WORLD and not any(name.startswith(part) for part in PURE_PARTS)
        assert not worldly, f"{short(path)}:{line}: imports {name}"
    for node in ast.walk(parsed(path)):
        if not isinstance(node, ast.Call):
            continue
        where = f"{short(path)}:{node.lineno}: calls {ast.unparse(node.func)}"
        if isinstance(node.func, ast.Name):
            assert node.func.id not in WORLDLY_CALLS, where
            # The one kind of file is the module's own data beside it.
            assert node.func.id != "Path" or ast.unparse(node) == "Path(__file__)", where
        elif isinstance(node.func, ast.Attribute):
            assert node.func.attr not in WORLDLY_METHODS, where


@pytest.mark.parametrize("path", of_layer("values"), ids=short)
def test_the_values_know_the_standard_library_only(path):
    for line, name in imported(path):
        assert name.split(".")[0] in sys.stdlib_module_names, f"{short(path)}:{line}: imports {name}"


@pytest.mark.parametrize("path", sources("provenance", "service", "tests", "benchmarks"), ids=short)
def test_a_file_can_be_taken_in(path):
    lines = path.read_text("utf-8").count("\n")
    assert lines <= LONGEST_FILE, f"{short(path)}: {lines} lines"


@pytest.mark.parametrize("path", sources("provenance", "service"), ids=short)
def test_a_function_can_be_taken_in(path):
    for node in ast.walk(parsed(path)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            where = f"{short(path)}:{node.lineno}: {node.name}"
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            assert length <= LONGEST_FUNCTION, f"{where} has {length} lines"
            named = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
            takes = [name for name in named if name not in ("self", "cls")]
            assert len(takes) <= MOST_POSITIONAL, f"{where} takes {takes}"


@pytest.mark.parametrize("start", ["import provenance", "import provenance.cli", "import provenance.readers"])
def test_what_is_heavy_comes_when_it_is_used(start):
    code = f"{start}; import sys; print(*sorted(set(sys.modules) & {HEAVY!r}))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_public_names_stay_functions_when_their_modules_are_loaded():
    # `provenance.compare` is a function, and the module of that name an attribute Python sets on import.
    code = (
        "import provenance, provenance.clean, provenance.compare, provenance.credits, provenance.pipeline\n"
        "for name in ('clean', 'compare', 'credits', 'audit'):\n"
        "    assert callable(getattr(provenance, name)), name\n"
        "    assert callable(getattr(provenance, name)), name\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
