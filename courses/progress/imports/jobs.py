"""What is forgotten by itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Session

from courses.progress.imports.rules import forget_imports
from tierslieu.house import Job
from tierslieu.house_kept import Retention


def _forget(db: Session, now: datetime) -> int:
    count = forget_imports(db, now)
    db.commit()
    return count


RULES = (
    Retention(
        "grade_imports",
        label=_("Relevés déposés et leurs lignes"),
        term=_("un jour"),
        sweep=forget_imports,
        job="forget_grade_imports",
    ),
)
JOBS = (Job("forget_grade_imports", timedelta(hours=1), _forget),)
