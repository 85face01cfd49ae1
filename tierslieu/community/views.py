"""The pages of the community, all on one blueprint."""

from __future__ import annotations

from tierslieu.community.aid import views as _aid  # noqa: F401 - same blueprint
from tierslieu.community.contents import views as _contents  # noqa: F401 - same blueprint
from tierslieu.community.desk import blueprint
from tierslieu.community.entries import views as _entries  # noqa: F401 - likewise
from tierslieu.community.events import views as _events  # noqa: F401 - likewise
from tierslieu.community.imports import views as _imports  # noqa: F401 - likewise
from tierslieu.community.pilots import views as _pilots  # noqa: F401 - likewise

__all__ = ["blueprint"]
