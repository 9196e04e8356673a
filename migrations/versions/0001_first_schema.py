"""The first schema: the log, its entries, and triggers that refuse all but inserts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None

INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STRING = sa.Text().with_variant(postgresql.TEXT(collation="C"), "postgresql")
MOMENT = sa.DateTime(timezone=True).with_variant(sa.Text(), "sqlite")

# Every unique key of every table. On SQLite an INSERT OR REPLACE deletes the old row without
# firing its triggers, so each key has to be guarded before the insert.
UNIQUE = {
    "log": (("seq",), ("digest",)),
    "text": (("sha256",),),
    "link": (("seq", "field", "position"),),
    "replacement": (("seq", "replaced"),),
    "source": (("seq",),),
    "statement": (("seq",),),
    "question": (("seq",),),
    "revision": (("seq",),),
    "family": (("seq",),),
    "label": (("seq",),),
    "forecaster": (("seq",),),
    "forecast": (("seq",),),
    "withdrawal": (("seq",),),
    "reading": (("seq",),),
    "resolution": (("seq",),),
    "counterpart": (("seq",),),
    "evidence": (("seq",),),
    "lexicon": (("seq",),),
    "note": (("seq",),),
    "retraction": (("seq",),),
}

REFUSAL = "a ledger is never changed: record a correction instead"
GROWTH = "a ledger grows by whole entries at the end of its log"

# What an insert must not be, beside taking a key that is there. A row of the log is the next,
# and no earlier than the one before it; a row of an entry belongs to its row of the log; a link
# leads backwards; a replacement follows from the links, its own or those of what it replaces.
ORDER = {
    "log": (
        "NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM log) OR EXISTS "
        "(SELECT 1 FROM log WHERE seq = NEW.seq - 1 AND recorded_at > NEW.recorded_at)"
    ),
    "link": "NEW.target >= NEW.seq",
    "replacement": (
        "NOT EXISTS (SELECT 1 FROM link WHERE link.seq = NEW.seq AND field = 'replaces' AND "
        "(target = NEW.replaced OR EXISTS (SELECT 1 FROM replacement AS earlier "
        "WHERE earlier.seq = target AND earlier.replaced = NEW.replaced)))"
    ),
}


def _disorder(table: str) -> str | None:
    if table in ("log", "text", "link", "replacement"):
        return ORDER.get(table)
    return f"NOT EXISTS (SELECT 1 FROM log WHERE log.seq = NEW.seq AND log.type = '{table}')"


def upgrade() -> None:
    """Make the tables, then the triggers that keep them insert-only."""
    _tables()
    if op.get_bind().dialect.name == "sqlite":
        _sqlite_triggers()
    else:
        _postgresql_triggers()


def downgrade() -> None:
    """There is no way back: restore the backup made before the upgrade."""
    raise NotImplementedError("restore the backup made before the upgrade: fl db restore")


def _sqlite_triggers() -> None:
    for table, keys in UNIQUE.items():
        taken = " OR ".join(
            f'EXISTS (SELECT 1 FROM "{table}" WHERE '
            + " AND ".join(f'"{column}" = NEW."{column}"' for column in key)
            + ")"
            for key in keys
        )
        triggers = [
            ("no_update", "UPDATE", "", REFUSAL),
            ("no_delete", "DELETE", "", REFUSAL),
            ("no_replace", "INSERT", f"WHEN {taken} ", REFUSAL),
        ]
        if disorder := _disorder(table):
            unfit = f"WHEN NOT ({taken}) AND ({disorder}) "
            triggers.append(("in_order", "INSERT", unfit, GROWTH))
        for name, event, condition, message in triggers:
            op.execute(
                sa.text(
                    f'CREATE TRIGGER "{table}_{name}" BEFORE {event} ON "{table}" '
                    f"{condition}BEGIN SELECT RAISE(ABORT, '{message}'); END"
                )
            )


def _postgresql_triggers() -> None:
    op.execute(
        sa.text(
            "CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION USING MESSAGE = '{REFUSAL}', ERRCODE = 'restrict_violation'; "
            "END $$"
        )
    )
    for table in UNIQUE:
        op.execute(
            sa.text(
                f'CREATE TRIGGER "{table}_insert_only" BEFORE UPDATE OR DELETE OR TRUNCATE '
                f'ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse()'
            )
        )
        if disorder := _disorder(table):
            # A condition of a trigger may not look into tables, so a function does.
            function = f"ledger_{table}_in_order"
            op.execute(
                sa.text(
                    f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    f"IF {disorder} THEN RAISE EXCEPTION USING MESSAGE = '{GROWTH}', "
                    "ERRCODE = 'restrict_violation'; END IF; RETURN NEW; END $$"
                )
            )
            op.execute(
                sa.text(
                    f'CREATE TRIGGER "{table}_in_order" BEFORE INSERT ON "{table}" '
                    f"FOR EACH ROW EXECUTE FUNCTION {function}()"
                )
            )
        # Also in a session that says it replicates, in which ordinary triggers rest.
        for name in ("insert_only", *(["in_order"] if disorder else [])):
            op.execute(sa.text(f'ALTER TABLE "{table}" ENABLE ALWAYS TRIGGER "{table}_{name}"'))


def _tables() -> None:
    op.create_table(
        "log",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("recorded_at", MOMENT, nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("type", STRING, nullable=False),
        sa.Column("leaf", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name="pk_log"),
        sa.UniqueConstraint("digest", name="uq_log_digest"),
        sqlite_strict=True,
    )
    op.create_index("ix_log_recorded_at", "log", ["recorded_at"])
    op.create_table(
        "text",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("content", STRING, nullable=True),
        sa.PrimaryKeyConstraint("sha256", name="pk_text"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "link",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("field", STRING, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("target", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_link_seq"),
        sa.ForeignKeyConstraint(["target"], ["log.seq"], name="fk_link_target"),
        sa.PrimaryKeyConstraint("seq", "field", "position", name="pk_link"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_link_target", "link", ["target"])
    op.create_table(
        "replacement",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("replaced", INTEGER, autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_replacement_seq"),
        sa.ForeignKeyConstraint(["replaced"], ["log.seq"], name="fk_replacement_replaced"),
        sa.PrimaryKeyConstraint("seq", "replaced", name="pk_replacement"),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_index("ix_replacement_replaced", "replacement", ["replaced"])
    op.create_table(
        "source",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("root", INTEGER, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("key", STRING, nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("author", STRING, nullable=True),
        sa.Column("publisher", STRING, nullable=True),
        sa.Column("url", STRING, nullable=True),
        sa.Column("published_start", MOMENT, nullable=False),
        sa.Column("published_end", MOMENT, nullable=True),
        sa.Column("published_day", STRING, nullable=True),
        sa.Column("inferred", sa.Integer(), nullable=False),
        sa.Column("published_note", sa.LargeBinary(), nullable=True),
        sa.Column("archive_url", STRING, nullable=True),
        sa.Column("sha256", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_source_seq"),
        sa.ForeignKeyConstraint(["root"], ["log.seq"], name="fk_source_root"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_source_why"),
        sa.ForeignKeyConstraint(["title"], ["text.sha256"], name="fk_source_title"),
        sa.ForeignKeyConstraint(
            ["published_note"], ["text.sha256"], name="fk_source_published_note"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_source"),
        sqlite_strict=True,
    )
    op.create_index("ix_source_key", "source", ["key"])
    op.create_index("ix_source_root", "source", ["root"])
    op.create_table(
        "statement",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("source", INTEGER, nullable=False),
        sa.Column("place", STRING, nullable=False),
        sa.Column("quote", sa.LargeBinary(), nullable=False),
        sa.Column("verdict", STRING, nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_statement_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_statement_why"),
        sa.ForeignKeyConstraint(["source"], ["log.seq"], name="fk_statement_source"),
        sa.ForeignKeyConstraint(["quote"], ["text.sha256"], name="fk_statement_quote"),
        sa.PrimaryKeyConstraint("seq", name="pk_statement"),
        sqlite_strict=True,
    )
    op.create_index("ix_statement_source", "statement", ["source"])
    op.create_table(
        "question",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("root", INTEGER, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("key", STRING, nullable=False),
        sa.Column("kind", STRING, nullable=False),
        sa.Column("wording_text", sa.LargeBinary(), nullable=True),
        sa.Column("wording_criteria", sa.LargeBinary(), nullable=True),
        sa.Column("wording_opens_start", MOMENT, nullable=True),
        sa.Column("wording_opens_end", MOMENT, nullable=True),
        sa.Column("wording_opens_day", STRING, nullable=True),
        sa.Column("wording_closes_start", MOMENT, nullable=True),
        sa.Column("wording_closes_end", MOMENT, nullable=True),
        sa.Column("wording_closes_day", STRING, nullable=True),
        sa.Column("wording_due_start", MOMENT, nullable=True),
        sa.Column("wording_due_end", MOMENT, nullable=True),
        sa.Column("wording_due_day", STRING, nullable=True),
        sa.Column("wording_written_start", MOMENT, nullable=True),
        sa.Column("wording_written_end", MOMENT, nullable=True),
        sa.Column("wording_written_day", STRING, nullable=True),
        sa.Column("wording_coder", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_question_seq"),
        sa.ForeignKeyConstraint(["root"], ["log.seq"], name="fk_question_root"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_question_why"),
        sa.ForeignKeyConstraint(["wording_text"], ["text.sha256"], name="fk_question_wording_text"),
        sa.ForeignKeyConstraint(
            ["wording_criteria"], ["text.sha256"], name="fk_question_wording_criteria"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_question"),
        sqlite_strict=True,
    )
    op.create_index("ix_question_key", "question", ["key"])
    op.create_index("ix_question_root", "question", ["root"])
    op.create_table(
        "revision",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("question", INTEGER, nullable=False),
        sa.Column("effect", STRING, nullable=False),
        sa.Column("wording_text", sa.LargeBinary(), nullable=True),
        sa.Column("wording_criteria", sa.LargeBinary(), nullable=True),
        sa.Column("wording_opens_start", MOMENT, nullable=True),
        sa.Column("wording_opens_end", MOMENT, nullable=True),
        sa.Column("wording_opens_day", STRING, nullable=True),
        sa.Column("wording_closes_start", MOMENT, nullable=True),
        sa.Column("wording_closes_end", MOMENT, nullable=True),
        sa.Column("wording_closes_day", STRING, nullable=True),
        sa.Column("wording_due_start", MOMENT, nullable=True),
        sa.Column("wording_due_end", MOMENT, nullable=True),
        sa.Column("wording_due_day", STRING, nullable=True),
        sa.Column("wording_written_start", MOMENT, nullable=True),
        sa.Column("wording_written_end", MOMENT, nullable=True),
        sa.Column("wording_written_day", STRING, nullable=True),
        sa.Column("wording_coder", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_revision_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_revision_why"),
        sa.ForeignKeyConstraint(["question"], ["log.seq"], name="fk_revision_question"),
        sa.ForeignKeyConstraint(["wording_text"], ["text.sha256"], name="fk_revision_wording_text"),
        sa.ForeignKeyConstraint(
            ["wording_criteria"], ["text.sha256"], name="fk_revision_wording_criteria"
        ),
        sa.PrimaryKeyConstraint("seq", name="pk_revision"),
        sqlite_strict=True,
    )
    op.create_index("ix_revision_question", "revision", ["question"])
    op.create_table(
        "family",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("key", STRING, nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_family_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_family_why"),
        sa.ForeignKeyConstraint(["title"], ["text.sha256"], name="fk_family_title"),
        sa.PrimaryKeyConstraint("seq", name="pk_family"),
        sqlite_strict=True,
    )
    op.create_index("ix_family_key", "family", ["key"])
    op.create_table(
        "label",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("question", INTEGER, nullable=False),
        sa.Column("label", STRING, nullable=False),
        sa.Column("present", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_label_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_label_why"),
        sa.ForeignKeyConstraint(["question"], ["log.seq"], name="fk_label_question"),
        sa.PrimaryKeyConstraint("seq", name="pk_label"),
        sqlite_strict=True,
    )
    op.create_index("ix_label_label", "label", ["label"])
    op.create_index("ix_label_question_label", "label", ["question", "label"])
    op.create_table(
        "forecaster",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("root", INTEGER, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("name", STRING, nullable=False),
        sa.Column("kind", STRING, nullable=False),
        sa.Column("url", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_forecaster_seq"),
        sa.ForeignKeyConstraint(["root"], ["log.seq"], name="fk_forecaster_root"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_forecaster_why"),
        sa.PrimaryKeyConstraint("seq", name="pk_forecaster"),
        sqlite_strict=True,
    )
    op.create_index("ix_forecaster_name", "forecaster", ["name"])
    op.create_index("ix_forecaster_root", "forecaster", ["root"])
    op.create_table(
        "forecast",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("question", INTEGER, nullable=False),
        sa.Column("revision", INTEGER, nullable=True),
        sa.Column("forecaster", INTEGER, nullable=False),
        sa.Column("made_start", MOMENT, nullable=False),
        sa.Column("made_end", MOMENT, nullable=True),
        sa.Column("made_day", STRING, nullable=True),
        sa.Column("answer_yes", INTEGER, nullable=True),
        sa.Column("answer_low", INTEGER, nullable=True),
        sa.Column("answer_high", INTEGER, nullable=True),
        sa.Column("words_phrase", STRING, nullable=True),
        sa.Column("words_lexicon", INTEGER, nullable=True),
        sa.Column("words_side", STRING, nullable=True),
        sa.Column("coder", STRING, nullable=True),
        sa.Column("coded_start", MOMENT, nullable=True),
        sa.Column("coded_end", MOMENT, nullable=True),
        sa.Column("coded_day", STRING, nullable=True),
        sa.Column("record", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_forecast_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_forecast_why"),
        sa.ForeignKeyConstraint(["question"], ["log.seq"], name="fk_forecast_question"),
        sa.ForeignKeyConstraint(["revision"], ["log.seq"], name="fk_forecast_revision"),
        sa.ForeignKeyConstraint(["forecaster"], ["log.seq"], name="fk_forecast_forecaster"),
        sa.ForeignKeyConstraint(["words_lexicon"], ["log.seq"], name="fk_forecast_words_lexicon"),
        sa.ForeignKeyConstraint(["record"], ["log.seq"], name="fk_forecast_record"),
        sa.PrimaryKeyConstraint("seq", name="pk_forecast"),
        sa.CheckConstraint(
            "answer_high BETWEEN 0 AND 1000000000", name=op.f("ck_forecast_answer_high")
        ),
        sa.CheckConstraint(
            "answer_low BETWEEN 0 AND 1000000000", name=op.f("ck_forecast_answer_low")
        ),
        sa.CheckConstraint(
            "answer_yes BETWEEN 0 AND 1000000000", name=op.f("ck_forecast_answer_yes")
        ),
        sqlite_strict=True,
    )
    op.create_index("ix_forecast_forecaster", "forecast", ["forecaster"])
    op.create_index(
        "ix_forecast_question_forecaster_made_start",
        "forecast",
        ["question", "forecaster", "made_start"],
    )
    op.create_table(
        "withdrawal",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("question", INTEGER, nullable=False),
        sa.Column("forecaster", INTEGER, nullable=False),
        sa.Column("made_start", MOMENT, nullable=False),
        sa.Column("made_end", MOMENT, nullable=True),
        sa.Column("made_day", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_withdrawal_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_withdrawal_why"),
        sa.ForeignKeyConstraint(["question"], ["log.seq"], name="fk_withdrawal_question"),
        sa.ForeignKeyConstraint(["forecaster"], ["log.seq"], name="fk_withdrawal_forecaster"),
        sa.PrimaryKeyConstraint("seq", name="pk_withdrawal"),
        sqlite_strict=True,
    )
    op.create_index("ix_withdrawal_question_forecaster", "withdrawal", ["question", "forecaster"])
    op.create_table(
        "reading",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("forecast", INTEGER, nullable=False),
        sa.Column("statement", INTEGER, nullable=False),
        sa.Column("name", STRING, nullable=True),
        sa.Column("primary", sa.Integer(), nullable=False),
        sa.Column("deadline_from", STRING, nullable=True),
        sa.Column("status_quo", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_reading_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_reading_why"),
        sa.ForeignKeyConstraint(["forecast"], ["log.seq"], name="fk_reading_forecast"),
        sa.ForeignKeyConstraint(["statement"], ["log.seq"], name="fk_reading_statement"),
        sa.PrimaryKeyConstraint("seq", name="pk_reading"),
        sqlite_strict=True,
    )
    op.create_index("ix_reading_forecast", "reading", ["forecast"])
    op.create_index("ix_reading_statement", "reading", ["statement"])
    op.create_table(
        "resolution",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("question", INTEGER, nullable=False),
        sa.Column("outcome", STRING, nullable=False),
        sa.Column("known_start", MOMENT, nullable=False),
        sa.Column("known_end", MOMENT, nullable=True),
        sa.Column("known_day", STRING, nullable=True),
        sa.Column("resolver", STRING, nullable=False),
        sa.Column("firmness", STRING, nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_resolution_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_resolution_why"),
        sa.ForeignKeyConstraint(["question"], ["log.seq"], name="fk_resolution_question"),
        sa.ForeignKeyConstraint(["note"], ["text.sha256"], name="fk_resolution_note"),
        sa.PrimaryKeyConstraint("seq", name="pk_resolution"),
        sqlite_strict=True,
    )
    op.create_index("ix_resolution_question", "resolution", ["question"])
    op.create_table(
        "counterpart",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("question", INTEGER, nullable=False),
        sa.Column("other", INTEGER, nullable=False),
        sa.Column("closeness", STRING, nullable=False),
        sa.Column("difference", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_counterpart_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_counterpart_why"),
        sa.ForeignKeyConstraint(["question"], ["log.seq"], name="fk_counterpart_question"),
        sa.ForeignKeyConstraint(["other"], ["log.seq"], name="fk_counterpart_other"),
        sa.ForeignKeyConstraint(["difference"], ["text.sha256"], name="fk_counterpart_difference"),
        sa.PrimaryKeyConstraint("seq", name="pk_counterpart"),
        sqlite_strict=True,
    )
    op.create_index("ix_counterpart_question", "counterpart", ["question"])
    op.create_table(
        "evidence",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("url", STRING, nullable=True),
        sa.Column("title", sa.LargeBinary(), nullable=True),
        sa.Column("publisher", STRING, nullable=True),
        sa.Column("published_start", MOMENT, nullable=True),
        sa.Column("published_end", MOMENT, nullable=True),
        sa.Column("published_day", STRING, nullable=True),
        sa.Column("quote", sa.LargeBinary(), nullable=True),
        sa.Column("says", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_evidence_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_evidence_why"),
        sa.ForeignKeyConstraint(["title"], ["text.sha256"], name="fk_evidence_title"),
        sa.ForeignKeyConstraint(["quote"], ["text.sha256"], name="fk_evidence_quote"),
        sa.ForeignKeyConstraint(["says"], ["text.sha256"], name="fk_evidence_says"),
        sa.PrimaryKeyConstraint("seq", name="pk_evidence"),
        sqlite_strict=True,
    )
    op.create_index("ix_evidence_url", "evidence", ["url"])
    op.create_table(
        "lexicon",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("key", STRING, nullable=False),
        sa.Column("version", STRING, nullable=False),
        sa.Column("title", sa.LargeBinary(), nullable=False),
        sa.Column("citation", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("phrases", STRING, nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_lexicon_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_lexicon_why"),
        sa.ForeignKeyConstraint(["title"], ["text.sha256"], name="fk_lexicon_title"),
        sa.ForeignKeyConstraint(["citation"], ["text.sha256"], name="fk_lexicon_citation"),
        sa.ForeignKeyConstraint(["note"], ["text.sha256"], name="fk_lexicon_note"),
        sa.PrimaryKeyConstraint("seq", name="pk_lexicon"),
        sqlite_strict=True,
    )
    op.create_index("ix_lexicon_key", "lexicon", ["key"])
    op.create_table(
        "note",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("target", INTEGER, nullable=False),
        sa.Column("author", STRING, nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_note_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_note_why"),
        sa.ForeignKeyConstraint(["target"], ["log.seq"], name="fk_note_target"),
        sa.ForeignKeyConstraint(["text"], ["text.sha256"], name="fk_note_text"),
        sa.PrimaryKeyConstraint("seq", name="pk_note"),
        sqlite_strict=True,
    )
    op.create_index("ix_note_target", "note", ["target"])
    op.create_table(
        "retraction",
        sa.Column("seq", INTEGER, autoincrement=False, nullable=False),
        sa.Column("why", sa.LargeBinary(), nullable=True),
        sa.Column("target", INTEGER, nullable=False),
        sa.Column("by", STRING, nullable=False),
        sa.Column("slip", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["log.seq"], name="fk_retraction_seq"),
        sa.ForeignKeyConstraint(["why"], ["text.sha256"], name="fk_retraction_why"),
        sa.ForeignKeyConstraint(["target"], ["log.seq"], name="fk_retraction_target"),
        sa.PrimaryKeyConstraint("seq", name="pk_retraction"),
        sqlite_strict=True,
    )
    op.create_index("ix_retraction_target", "retraction", ["target"])
