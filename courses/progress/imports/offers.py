"""What importing offers to the pages that gather."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask_babel import lazy_gettext as _l
from sqlalchemy import delete
from sqlalchemy.orm import Session

from courses.progress.imports.jobs import JOBS, RULES
from courses.progress.imports.models import GradeImportLine, OutsideUsername
from courses.progress.imports.queries import list_lines_about, list_usernames
from courses.progress.imports.scenes import play
from tierslieu.house import PersonalData, Scene
from tierslieu.register import Basis


def export(db: Session, user_id: UUID) -> dict[str, Any]:
    """A person's usernames elsewhere, and the lines of reports about them that are still kept."""
    return {
        "usernames": [
            {
                "provider": one.provider.value,
                "username": one.username,
                "declared_at": one.declared_at.isoformat(),
            }
            for one in list_usernames(db, user_id)
        ],
        "lines": [
            {"line": line.position, "written": line.written, "outcome": line.words}
            for line in list_lines_about(db, user_id)
        ],
    }


def erase(db: Session, user_id: UUID) -> None:
    """Remove the usernames, and the lines of reports about this person."""
    db.execute(delete(OutsideUsername).where(OutsideUsername.user_id == user_id))
    db.execute(delete(GradeImportLine).where(GradeImportLine.user_id == user_id))


OFFERS = (
    PersonalData(
        "outside_usernames",
        _l(
            "Vos identifiants sur FUN, edX, Moodle ou H5P, si vous les donnez, et les lignes de "
            "relevés qui vous concernent."
        ),
        _l("Pour valider ici ce que vous avez réussi là-bas."),
        _l("Exécution du service que vous demandez."),
        _l("Les identifiants tant que votre compte existe ; les relevés, un jour."),
        export,
        erase,
        treatment="learning",
        grounds=(Basis.CONTRACT,),
        swept_by=("forget_grade_imports",),
    ),
    *JOBS,
    *RULES,
    Scene("imports", play),
)
