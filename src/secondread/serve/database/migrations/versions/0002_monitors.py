"""Monitors of drift, and readers that are switched off."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "monitor_points",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("study_id", sa.Integer(), nullable=False),
        sa.Column("read_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("weights", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("point", sa.Text(), nullable=False),
        sa.Column("overridden", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["read_id"], ["reads.id"], name=op.f("fk_monitor_points_read_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["study_id"], ["studies.id"], name=op.f("fk_monitor_points_study_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitor_points")),
        sa.UniqueConstraint("read_id", "reader", name="uq_monitor_points_read_id"),
    )
    with op.batch_alter_table("monitor_points", schema=None) as batch_op:
        batch_op.create_index("ix_monitor_points_reader", ["reader", "weights", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_monitor_points_study_id"), ["study_id"], unique=False)

    op.create_table(
        "monitor_looks",
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_monitor_looks")),
    )
    op.create_table(
        "monitor_alarms",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("area", sa.String(length=16), nullable=False),
        sa.Column("monitor", sa.String(length=128), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("acknowledged_at", sa.String(length=27), nullable=True),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=256), server_default=sa.text("''"), nullable=False),
        sa.Column("state", sa.String(length=16), server_default="waiting", nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("not_before", sa.String(length=27), nullable=False),
        sa.Column("error", sa.String(length=256), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("state in ('none', 'waiting', 'sent', 'failed')", name=op.f("ck_monitor_alarms_state")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_monitor_alarms_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_monitor_alarms")),
        sa.UniqueConstraint("key", name=op.f("uq_monitor_alarms_key")),
    )
    op.create_table(
        "reader_switches",
        sa.Column("reader", sa.String(length=64), nullable=False),
        sa.Column("off", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("reason", sa.String(length=256), server_default=sa.text("''"), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.String(length=27), nullable=True),
        sa.Column("reference_since", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reader_switches_user_id")),
        sa.PrimaryKeyConstraint("reader", name=op.f("pk_reader_switches")),
    )


def downgrade() -> None:
    op.drop_table("reader_switches")
    op.drop_table("monitor_alarms")
    op.drop_table("monitor_looks")
    with op.batch_alter_table("monitor_points", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_monitor_points_study_id"))
        batch_op.drop_index("ix_monitor_points_reader")

    op.drop_table("monitor_points")
