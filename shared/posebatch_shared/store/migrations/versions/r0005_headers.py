"""What the headers of a sample of files say, for the time that a run still takes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """A table beside the jobs, so that neither claims nor lists grow wider."""
    op.create_table(
        "headers",
        sa.Column("job_id", _KEY, nullable=False, autoincrement=False),
        sa.Column("frames", sa.BigInteger()),
        sa.Column("pixels", sa.BigInteger()),
        sa.PrimaryKeyConstraint("job_id", name="pk_headers"),
        sa.ForeignKeyConstraint(["job_id"], ["jobs.job_id"], name="fk_headers_job_id"),
    )
