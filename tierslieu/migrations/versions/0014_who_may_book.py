"""who may book a session and when, seats kept for a public, rooms and facilitators once at a time

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
import tierslieu.base


revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

LEVELS = ("initiation", "practice", "expertise")
ADMISSIONS = ("open", "enrolled", "code")
AUDIENCES = ("teacher", "career_changer", "graduate_or_vae", "anybody")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _is_postgresql() -> bool:
    return op.get_bind().dialect.name == "postgresql"


def _once(table: str, name: str, column: str, where: str) -> None:
    key = f"uuid_hash_extended({column}, 0)"
    op.execute(
        f"ALTER TABLE {table} ADD CONSTRAINT {name} EXCLUDE USING gist ("
        f"int8range({key}, {key}, '[]') WITH &&, tstzrange(starts_at, ends_at) WITH &&) "
        f"WHERE ({where})"
    )


def upgrade() -> None:
    instant = tierslieu.base.UTCDateTime(timezone=True)
    with op.batch_alter_table("learning_session") as batch:
        batch.add_column(sa.Column("prerequisites", sa.String(), nullable=False, server_default=""))
        batch.add_column(sa.Column("level", _enum("level", LEVELS), nullable=True))
        batch.add_column(sa.Column("audience", _enum("audience", AUDIENCES), nullable=True))
        batch.add_column(
            sa.Column(
                "admission", _enum("admission", ADMISSIONS), nullable=False, server_default="open"
            )
        )
        batch.add_column(
            sa.Column("invitation_code", sa.String(), nullable=False, server_default="")
        )
        batch.add_column(sa.Column("bookable_from", instant, nullable=True))
        batch.add_column(sa.Column("bookable_until", instant, nullable=True))
    with op.batch_alter_table("learning_session") as batch:
        for column in ("prerequisites", "admission", "invitation_code"):
            batch.alter_column(column, server_default=None)
        batch.create_check_constraint(
            op.f("ck_learning_session_bookable"),
            "bookable_from IS NULL OR bookable_until IS NULL OR bookable_from < bookable_until",
        )
        batch.create_check_constraint(
            op.f("ck_learning_session_invitation"),
            "(admission = 'code') = (invitation_code <> '')",
        )
    with op.batch_alter_table("seat_pool") as batch:
        batch.add_column(sa.Column("kept", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("kept_for", _enum("audience", AUDIENCES), nullable=True))
        batch.add_column(sa.Column("kept_until", instant, nullable=True))
        batch.add_column(sa.Column("kept_taken", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("seat_pool") as batch:
        for column in ("kept", "kept_taken"):
            batch.alter_column(column, server_default=None)
        batch.create_check_constraint(op.f("ck_seat_pool_kept"), "kept >= 0 AND kept <= capacity")
        batch.create_check_constraint(
            op.f("ck_seat_pool_kept_taken"), "kept_taken >= 0 AND kept_taken <= kept"
        )
        batch.create_check_constraint(
            op.f("ck_seat_pool_kept_for"),
            "(kept = 0) = (kept_for IS NULL) AND (kept = 0) = (kept_until IS NULL)",
        )
    with op.batch_alter_table("booking") as batch:
        batch.add_column(
            sa.Column("is_kept", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    with op.batch_alter_table("booking") as batch:
        batch.alter_column("is_kept", server_default=None)
    with op.batch_alter_table("session_facilitator") as batch:
        batch.add_column(sa.Column("starts_at", instant, nullable=True))
        batch.add_column(sa.Column("ends_at", instant, nullable=True))
    op.execute(
        "UPDATE session_facilitator SET "
        "starts_at = (SELECT s.starts_at FROM learning_session s "
        "WHERE s.id = session_facilitator.session_id AND s.cancelled_at IS NULL), "
        "ends_at = (SELECT s.ends_at FROM learning_session s "
        "WHERE s.id = session_facilitator.session_id AND s.cancelled_at IS NULL)"
    )
    if _is_postgresql():
        _once(
            "learning_session",
            "room_once",
            "room_id",
            "room_id IS NOT NULL AND cancelled_at IS NULL",
        )
        _once("session_facilitator", "leads_once", "user_id", "starts_at IS NOT NULL")


def downgrade() -> None:
    if _is_postgresql():
        op.execute("ALTER TABLE session_facilitator DROP CONSTRAINT leads_once")
        op.execute("ALTER TABLE learning_session DROP CONSTRAINT room_once")
    with op.batch_alter_table("session_facilitator") as batch:
        batch.drop_column("ends_at")
        batch.drop_column("starts_at")
    with op.batch_alter_table("booking") as batch:
        batch.drop_column("is_kept")
    with op.batch_alter_table("seat_pool") as batch:
        for name in ("kept_for", "kept_taken", "kept", "audience"):
            batch.drop_constraint(op.f(f"ck_seat_pool_{name}"), type_="check")
        for column in ("kept_taken", "kept_until", "kept_for", "kept"):
            batch.drop_column(column)
    with op.batch_alter_table("learning_session") as batch:
        for name in ("invitation", "bookable", "admission", "audience", "level"):
            batch.drop_constraint(op.f(f"ck_learning_session_{name}"), type_="check")
        for column in (
            "bookable_until",
            "bookable_from",
            "invitation_code",
            "admission",
            "audience",
            "level",
            "prerequisites",
        ):
            batch.drop_column(column)
