"""Build the site of the documentation into ``build/site``; exits 1 for a broken link or anchor."""

from __future__ import annotations

import sys
from pathlib import Path

from documentation.building import SITE, NotBuilt, build

if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else SITE
    try:
        build(target)
    except NotBuilt as fault:
        sys.exit(f"{fault}\nthe documentation is not built")
    print(f"the documentation is in {target}/index.html")
