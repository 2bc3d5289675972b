from django.db import migrations

FREEZE = """
CREATE FUNCTION eligibility_acceptance_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an acceptance of terms is never changed' USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'terms_acceptance_append_only';
END $$;
CREATE TRIGGER terms_acceptance_append_only
    BEFORE UPDATE OR DELETE ON eligibility_termsacceptance
    FOR EACH ROW EXECUTE FUNCTION eligibility_acceptance_is_append_only();

CREATE FUNCTION eligibility_accepted_terms_are_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM eligibility_termsacceptance WHERE terms_id = OLD.id) THEN
        RAISE EXCEPTION 'terms somebody has accepted are never changed' USING
            ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'accepted_terms_frozen';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER accepted_terms_frozen
    BEFORE UPDATE ON eligibility_terms
    FOR EACH ROW EXECUTE FUNCTION eligibility_accepted_terms_are_frozen();
"""

THAW = """
DROP TRIGGER accepted_terms_frozen ON eligibility_terms;
DROP FUNCTION eligibility_accepted_terms_are_frozen();
DROP TRIGGER terms_acceptance_append_only ON eligibility_termsacceptance;
DROP FUNCTION eligibility_acceptance_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("eligibility", "0001_initial")]

    operations = [migrations.RunSQL(FREEZE, THAW)]
