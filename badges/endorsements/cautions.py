"""What an endorsement of an award is worth when its holder chose whom to ask and no key answers."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask_babel import gettext as _

MAX_NAME = 120  # characters of a name that verifiers show
MAX_DOMAIN = 60  # characters of the domain in it; its end says whose it is
# Whoever wants an address there has one: it says nothing of an organisation.
# fmt: off
FREE_MAIL = frozenset((
    "aol.com", "bbox.fr", "caramail.com", "ecomail.fr", "fastmail.com", "free.fr", "gmail.com",
    "gmx.com", "gmx.fr", "gmx.net", "googlemail.com", "hotmail.com", "hotmail.fr", "icloud.com",
    "laposte.net", "live.com", "live.fr", "mac.com", "mail.com", "mail.ru", "mailo.com", "me.com",
    "msn.com", "neuf.fr", "net-c.com", "numericable.fr", "orange.fr", "outlook.com", "outlook.fr",
    "pm.me", "posteo.net", "proton.me", "protonmail.com", "sfr.fr", "tuta.com", "tutanota.com",
    "wanadoo.fr", "yahoo.com", "yahoo.fr", "yandex.com", "ymail.com", "zoho.com",
))
# fmt: on


def is_of_site(domain: str, website: str) -> bool:
    """Whether an address of this domain is one of the site that was named, and not one that
    anybody opens."""
    if domain in FREE_MAIL:
        return False
    try:
        host = (urlsplit(website).hostname or "").removeprefix("www.")
    except ValueError:
        return False
    if "." not in host or host in FREE_MAIL:
        return False
    return host == domain or host.endswith(f".{domain}") or domain.endswith(f".{host}")


def caution(domain: str, website: str) -> str:
    """What is known of who answered: where the link went, and that nobody looked further."""
    if domain in FREE_MAIL:
        words: str = _(
            "Adresse en @%(domain)s, que n’importe qui peut ouvrir : le lieu n’a pas vérifié "
            "cette qualité.",
            domain=domain,
        )
    elif website and not is_of_site(domain, website):
        words = _(
            "Adresse en @%(domain)s, qui n’est pas du site indiqué : le lieu n’a pas vérifié "
            "cette qualité.",
            domain=domain,
        )
    else:
        words = _("Adresse en @%(domain)s : le lieu n’a pas vérifié cette qualité.", domain=domain)
    return words


def signed_name(organisation: str, domain: str) -> str:
    """The name as it is signed: any verifier shows the domain with it, however long the name."""
    short = domain if len(domain) <= MAX_DOMAIN else f"…{domain[-MAX_DOMAIN:]}"
    suffix = _(" (adresse en @%(domain)s)", domain=short)
    room = MAX_NAME - len(suffix)
    cut = organisation if len(organisation) <= room else f"{organisation[: room - 1]}…"
    return f"{cut}{suffix}"


def signed_description(domain: str, website: str) -> str:
    """Who asked, and what is known of who answered, for whoever reads the file elsewhere."""
    asked: str = _(
        "Soutien demandé par la personne qui a reçu le badge, par un lien envoyé par mail."
    )
    return f"{asked} {caution(domain, website)}"
