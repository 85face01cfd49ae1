"""The register of processing, for everybody to read; the same to keep, for who runs the place."""

from __future__ import annotations

from flask import Response, render_template

from tierslieu import clock
from tierslieu.people.desk import blueprint, house
from tierslieu.people.models import ADMINISTRATOR
from tierslieu.people.register.drawing import draw_register
from tierslieu.people.register.table import write_register
from tierslieu.place.showing import the_place
from tierslieu.web.access import current_person_or_none, public, roles


@blueprint.get("/donnees-personnelles/registre")
@public
def register() -> str:
    """What is done with people's data, activity by activity."""
    person = current_person_or_none()
    return render_template(
        "people/register.html",
        entries=draw_register(house()),
        may_keep=person is not None and person.holds(ADMINISTRATOR),
    )


@blueprint.get("/donnees-personnelles/registre.csv")
@roles(ADMINISTRATOR)
def register_table() -> Response:
    """The register of article 30, to keep or to hand over."""
    place = the_place()
    lines = write_register(draw_register(house()), place.name_here, place.contact)
    day = clock.to_local(clock.now()).date().isoformat()
    return Response(
        "".join(lines).encode(),
        content_type="text/csv; charset=utf-8; header=present",
        headers={
            "Content-Disposition": f'attachment; filename="registre-{day}.csv"',
            "Cache-Control": "private, no-store",
        },
    )
