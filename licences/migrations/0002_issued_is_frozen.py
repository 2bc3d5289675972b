from django.db import migrations

FREEZE = """
CREATE FUNCTION licences_licence_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'licence_is_frozen: % was issued and keeps its number', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.state <> 'issued' OR NEW.state = 'issued' THEN
        RAISE EXCEPTION 'licence_is_frozen: % is % and cannot change', OLD.number, OLD.state
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF to_jsonb(NEW) - ARRAY['state', 'revoked_at', 'revocation_reason', 'revocation_decision',
                             'superseded_by_id']
       <> to_jsonb(OLD) - ARRAY['state', 'revoked_at', 'revocation_reason', 'revocation_decision',
                                'superseded_by_id'] THEN
        RAISE EXCEPTION 'licence_is_frozen: only the state of % may change', OLD.number
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER licence_is_frozen BEFORE UPDATE OR DELETE ON licences_licence
    FOR EACH ROW EXECUTE FUNCTION licences_licence_is_frozen();

CREATE FUNCTION licences_licencefile_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'licence_file_is_append_only: % was given out', OLD.storage_name
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER licence_file_is_append_only BEFORE UPDATE OR DELETE ON licences_licencefile
    FOR EACH ROW EXECUTE FUNCTION licences_licencefile_is_append_only();

CREATE FUNCTION licences_licencecounter_moves_by_one() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' AND NEW.last <> 1
       OR TG_OP = 'UPDATE' AND (NEW.last <> OLD.last + 1
                                OR (NEW.kind, NEW.year) <> (OLD.kind, OLD.year)) THEN
        RAISE EXCEPTION 'licence_counter_moves_by_one: % %', NEW.kind, NEW.year
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER licence_counter_moves_by_one BEFORE INSERT OR UPDATE ON licences_licencecounter
    FOR EACH ROW EXECUTE FUNCTION licences_licencecounter_moves_by_one();
"""

THAW = """
DROP TRIGGER licence_counter_moves_by_one ON licences_licencecounter;
DROP FUNCTION licences_licencecounter_moves_by_one();
DROP TRIGGER licence_file_is_append_only ON licences_licencefile;
DROP FUNCTION licences_licencefile_is_append_only();
DROP TRIGGER licence_is_frozen ON licences_licence;
DROP FUNCTION licences_licence_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("licences", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
