"""A request is born a draft and moves only beside a record of the same transaction; records stay."""

from django.db import migrations

NUMBERS = "CREATE SEQUENCE requests_app_request_number"

TRANSACTION_OF_RECORD = """
ALTER TABLE requests_app_transitionrecord
    ADD COLUMN transaction_id xid8 NOT NULL DEFAULT pg_current_xact_id();
"""

STATE_GUARD = """
CREATE FUNCTION requests_app_state_needs_record() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state IS DISTINCT FROM OLD.state AND NOT EXISTS (
        SELECT 1 FROM requests_app_transitionrecord entry
        WHERE entry.request_id = NEW.id AND entry.source = OLD.state
          AND entry.target = NEW.state AND entry.transaction_id = pg_current_xact_id())
    THEN
        RAISE EXCEPTION 'request % cannot go from % to % without its transition record',
            NEW.number, OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'state_needs_record';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER state_needs_record BEFORE UPDATE ON requests_app_imageryrequest
    FOR EACH ROW EXECUTE FUNCTION requests_app_state_needs_record();

CREATE FUNCTION requests_app_request_is_born_a_draft() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state <> 'draft' THEN
        RAISE EXCEPTION 'a request is born a draft, not %', NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'born_a_draft';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER request_is_born_a_draft BEFORE INSERT ON requests_app_imageryrequest
    FOR EACH ROW EXECUTE FUNCTION requests_app_request_is_born_a_draft();
"""

NO_STATE_GUARD = """
DROP TRIGGER request_is_born_a_draft ON requests_app_imageryrequest;
DROP FUNCTION requests_app_request_is_born_a_draft();
DROP TRIGGER state_needs_record ON requests_app_imageryrequest;
DROP FUNCTION requests_app_state_needs_record();
"""

APPEND_ONLY = """
CREATE FUNCTION requests_app_record_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'requests_app_transitionrecord is append-only'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'record_append_only';
END $$;
CREATE TRIGGER record_is_append_only BEFORE UPDATE OR DELETE ON requests_app_transitionrecord
    FOR EACH ROW EXECUTE FUNCTION requests_app_record_is_append_only();

CREATE FUNCTION requests_app_note_can_only_be_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.content IS NULL OR NEW.content IS NOT NULL
       OR NEW.record_id <> OLD.record_id OR NEW.erased_at IS NULL OR NEW.erasure_reason = ''
    THEN
        RAISE EXCEPTION 'a note can only be emptied, once, saying when and why'
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'note_only_emptied';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER note_can_only_be_emptied BEFORE UPDATE OR DELETE ON requests_app_transitionnote
    FOR EACH ROW EXECUTE FUNCTION requests_app_note_can_only_be_emptied();
"""

NOT_APPEND_ONLY = """
DROP TRIGGER note_can_only_be_emptied ON requests_app_transitionnote;
DROP FUNCTION requests_app_note_can_only_be_emptied();
DROP TRIGGER record_is_append_only ON requests_app_transitionrecord;
DROP FUNCTION requests_app_record_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0001_initial")]

    operations = [
        migrations.RunSQL(NUMBERS, "DROP SEQUENCE requests_app_request_number"),
        migrations.RunSQL(
            TRANSACTION_OF_RECORD,
            "ALTER TABLE requests_app_transitionrecord DROP COLUMN transaction_id",
        ),
        migrations.RunSQL(STATE_GUARD, NO_STATE_GUARD),
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
    ]
