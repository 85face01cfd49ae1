"""The pages of mutual aid, all on the community's blueprint."""

from __future__ import annotations

from tierslieu.community.aid.asks import views as _asks  # noqa: F401 - same blueprint
from tierslieu.community.aid.groups import views as _groups  # noqa: F401 - likewise
from tierslieu.community.aid.helping import views as _helping  # noqa: F401 - likewise
from tierslieu.community.aid.moderation import views as _moderation  # noqa: F401 - likewise
