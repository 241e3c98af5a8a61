"""A real browser for the tests of the report: it opens a page and says what became of it."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",  # the pages are our own, and containers seldom allow the sandbox
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
)


def browser():
    """Give the path of the browser; a missing one fails, for the page is only right when it is right there."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert found, f"no browser found: install one of {', '.join(BROWSERS)} (Debian: apt-get install chromium)"
    return found


def opened(folder, page, *flags, scripts=True):
    """Open a page in a browser that has never been used, and give what it prints."""
    path = folder / "report.html"
    path.write_text(page, encoding="utf-8", newline="")
    with tempfile.TemporaryDirectory(dir=folder) as profile:
        if not scripts:  # the setting that a user turns off
            (Path(profile) / "Default").mkdir()
            settings = {"profile": {"default_content_setting_values": {"javascript": 2}}}
            (Path(profile) / "Default" / "Preferences").write_text(json.dumps(settings))
        command = [browser(), *FLAGS, f"--user-data-dir={profile}", *flags, path.as_uri()]
        done = subprocess.run(command, capture_output=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode("utf-8")


def allowing_script(page, probe):
    """Give the page with a script of the test's own, and without its policy."""
    bare = re.sub(r"<meta http-equiv=\"Content-Security-Policy\"[^>]*>", "", page)
    assert bare != page
    return bare.replace("</body>", f"<script>{probe}</script></body>")
