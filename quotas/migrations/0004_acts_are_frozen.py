from django.db import migrations

ACT_FROZEN = """
CREATE FUNCTION quotas_act_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an act keeps what was proposed and how it ended; its reason may be emptied'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quota_act_frozen';
END $$;
CREATE TRIGGER quota_act_frozen BEFORE UPDATE ON quotas_quotaact
    FOR EACH ROW
    WHEN ((NEW.decision, NEW.kind, NEW.facts, NEW.proposed_by_id, NEW.proposed_at)
          IS DISTINCT FROM (OLD.decision, OLD.kind, OLD.facts, OLD.proposed_by_id, OLD.proposed_at)
          OR (NEW.reason IS NOT NULL AND NEW.reason IS DISTINCT FROM OLD.reason)
          OR (OLD.done_at IS NOT NULL
              AND (NEW.done_at, NEW.confirmed_by_id)
                  IS DISTINCT FROM (OLD.done_at, OLD.confirmed_by_id))
          OR (OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at))
    EXECUTE FUNCTION quotas_act_is_frozen();
CREATE TRIGGER quota_act_kept BEFORE DELETE ON quotas_quotaact
    FOR EACH ROW EXECUTE FUNCTION quotas_act_is_frozen();
"""

ACT_OPEN = """
DROP TRIGGER quota_act_kept ON quotas_quotaact;
DROP TRIGGER quota_act_frozen ON quotas_quotaact;
DROP FUNCTION quotas_act_is_frozen();
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0003_acts_returns_reductions")]

    operations = [migrations.RunSQL(ACT_FROZEN, ACT_OPEN)]
