from django.db import migrations

ENTRY_MOVES_ENVELOPE = """
CREATE FUNCTION quotas_entry_moves_envelope() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE quotas_envelope
       SET granted = granted + NEW.d_granted,
           held = held + NEW.d_held,
           consumed = consumed + NEW.d_consumed,
           last_sequence = last_sequence + 1
     WHERE id = NEW.envelope_id
    RETURNING granted, held, consumed, last_sequence
         INTO NEW.granted_after, NEW.held_after, NEW.consumed_after, NEW.sequence;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'envelope % does not exist', NEW.envelope_id
            USING ERRCODE = 'foreign_key_violation';
    END IF;
    NEW.at := clock_timestamp();
    RETURN NEW;
END $$;
CREATE TRIGGER entry_moves_envelope BEFORE INSERT ON quotas_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION quotas_entry_moves_envelope();
"""

ENTRY_MOVES_NOTHING = """
DROP TRIGGER entry_moves_envelope ON quotas_ledgerentry;
DROP FUNCTION quotas_entry_moves_envelope();
"""

LEDGER_APPEND_ONLY = """
CREATE FUNCTION quotas_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is append-only: post the opposite entry' USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'ledger_append_only';
END $$;
CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON quotas_ledgerentry
    FOR EACH ROW EXECUTE FUNCTION quotas_ledger_is_append_only();
"""

LEDGER_OPEN = """
DROP TRIGGER ledger_append_only ON quotas_ledgerentry;
DROP FUNCTION quotas_ledger_is_append_only();
"""

ENVELOPE_GUARDED = """
CREATE FUNCTION quotas_envelope_moves_by_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an envelope is moved by ledger entries and by nothing else' USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'envelope_moved_by_entries_only';
END $$;
CREATE TRIGGER envelope_opens_empty BEFORE INSERT ON quotas_envelope
    FOR EACH ROW
    WHEN ((NEW.granted, NEW.held, NEW.consumed, NEW.last_sequence) IS DISTINCT FROM (0, 0, 0, 0))
    EXECUTE FUNCTION quotas_envelope_moves_by_entries();
CREATE TRIGGER envelope_moved_by_entries_only BEFORE UPDATE ON quotas_envelope
    FOR EACH ROW
    WHEN (pg_trigger_depth() = 0
          AND (NEW.granted, NEW.held, NEW.consumed, NEW.last_sequence)
              IS DISTINCT FROM (OLD.granted, OLD.held, OLD.consumed, OLD.last_sequence))
    EXECUTE FUNCTION quotas_envelope_moves_by_entries();

CREATE FUNCTION quotas_envelope_keeps_its_identity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an envelope with entries stays what it was opened as' USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'envelope_keeps_its_identity';
END $$;
CREATE TRIGGER envelope_keeps_its_identity BEFORE UPDATE ON quotas_envelope
    FOR EACH ROW
    WHEN (OLD.last_sequence > 0
          AND (NEW.scope, NEW.cell_id, NEW.entity_id, NEW.sensor_id, NEW.request_kind, NEW.unit,
               NEW.period_starts_on)
              IS DISTINCT FROM
              (OLD.scope, OLD.cell_id, OLD.entity_id, OLD.sensor_id, OLD.request_kind, OLD.unit,
               OLD.period_starts_on))
    EXECUTE FUNCTION quotas_envelope_keeps_its_identity();
"""

ENVELOPE_OPEN = """
DROP TRIGGER envelope_keeps_its_identity ON quotas_envelope;
DROP FUNCTION quotas_envelope_keeps_its_identity();
DROP TRIGGER envelope_moved_by_entries_only ON quotas_envelope;
DROP TRIGGER envelope_opens_empty ON quotas_envelope;
DROP FUNCTION quotas_envelope_moves_by_entries();
"""

QUOTATION_FROZEN = """
CREATE FUNCTION quotas_quotation_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a quotation keeps its number, its lines and its total' USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quotation_frozen';
END $$;
CREATE TRIGGER quotation_frozen BEFORE UPDATE ON quotas_quotation
    FOR EACH ROW
    WHEN ((NEW.number, NEW.year, NEW.sequence, NEW.request_number, NEW.decision, NEW.entity_id,
           NEW.lines, NEW.total_eur, NEW.valid_until, NEW.created_at)
          IS DISTINCT FROM
          (OLD.number, OLD.year, OLD.sequence, OLD.request_number, OLD.decision, OLD.entity_id,
           OLD.lines, OLD.total_eur, OLD.valid_until, OLD.created_at))
    EXECUTE FUNCTION quotas_quotation_is_frozen();
CREATE TRIGGER quotation_kept BEFORE DELETE ON quotas_quotation
    FOR EACH ROW EXECUTE FUNCTION quotas_quotation_is_frozen();
"""

QUOTATION_OPEN = """
DROP TRIGGER quotation_kept ON quotas_quotation;
DROP TRIGGER quotation_frozen ON quotas_quotation;
DROP FUNCTION quotas_quotation_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0001_initial")]

    operations = [
        migrations.RunSQL(ENTRY_MOVES_ENVELOPE, ENTRY_MOVES_NOTHING),
        migrations.RunSQL(LEDGER_APPEND_ONLY, LEDGER_OPEN),
        migrations.RunSQL(ENVELOPE_GUARDED, ENVELOPE_OPEN),
        migrations.RunSQL(QUOTATION_FROZEN, QUOTATION_OPEN),
    ]
