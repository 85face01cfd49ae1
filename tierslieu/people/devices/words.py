"""A device in plain words, from what a browser says of itself."""

from __future__ import annotations

from flask_babel import gettext as _

# The first that is named counts: browsers claim to be their ancestors too.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chromium", "Chromium"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def name_device(user_agent: str) -> str:
    """«Firefox|Android»: what is kept of a browser's own long description; unknown parts empty."""
    browser, system = (
        next((name for mark, name in known if mark in user_agent), "")
        for known in (BROWSERS, SYSTEMS)
    )
    return f"{browser}|{system}"


def describe_device(device: str) -> str:
    """«Firefox sur Android»."""
    browser, _bar, system = device.partition("|")
    if browser and system:
        return str(_("%(browser)s sur %(system)s", browser=browser, system=system))
    if browser or system:
        return browser or str(_("Un navigateur sur %(system)s", system=system))
    return str(_("Un programme ou un navigateur peu courant"))
