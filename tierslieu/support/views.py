"""The pages of following a person: those of its rooms, in one blueprint."""

from __future__ import annotations

from tierslieu.support.appointments import views as _appointments  # noqa: F401 - same blueprint
from tierslieu.support.attention import views as _attention  # noqa: F401 - likewise
from tierslieu.support.attention.own import views as _own  # noqa: F401 - likewise
from tierslieu.support.attention.settings import views as _rules  # noqa: F401 - likewise
from tierslieu.support.desk import blueprint
from tierslieu.support.notes import views as _notes  # noqa: F401 - likewise
from tierslieu.support.plans import views as _plans  # noqa: F401 - likewise
from tierslieu.support.plans.checklists import views as _checklists  # noqa: F401 - likewise
from tierslieu.support.plans.reading import views as _reading  # noqa: F401 - likewise
from tierslieu.support.slots import views as _slots  # noqa: F401 - likewise

__all__ = ["blueprint"]
