from django.db import migrations

REVISION_FROZEN = """
CREATE FUNCTION quotas_revision_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a revision that is published or withdrawn stays as it is; its reason may be emptied'
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'policy_revision_frozen';
END $$;
CREATE TRIGGER policy_revision_frozen BEFORE UPDATE ON quotas_policyrevision
    FOR EACH ROW
    WHEN ((NEW.decision, NEW.sensor_id, NEW.drafted_by_id, NEW.drafted_at)
          IS DISTINCT FROM (OLD.decision, OLD.sensor_id, OLD.drafted_by_id, OLD.drafted_at)
          OR ((OLD.published_at IS NOT NULL OR OLD.withdrawn_at IS NOT NULL)
              AND ((NEW.valid_from, NEW.version, NEW.changed_by_id, NEW.changed_at,
                    NEW.published_by_id, NEW.published_at, NEW.withdrawn_by_id, NEW.withdrawn_at)
                   IS DISTINCT FROM
                   (OLD.valid_from, OLD.version, OLD.changed_by_id, OLD.changed_at,
                    OLD.published_by_id, OLD.published_at, OLD.withdrawn_by_id, OLD.withdrawn_at)
                   OR (NEW.reason IS NOT NULL AND NEW.reason IS DISTINCT FROM OLD.reason))))
    EXECUTE FUNCTION quotas_revision_is_frozen();
CREATE TRIGGER policy_revision_kept BEFORE DELETE ON quotas_policyrevision
    FOR EACH ROW EXECUTE FUNCTION quotas_revision_is_frozen();

CREATE FUNCTION quotas_revision_line_is_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM quotas_policyrevision
                WHERE id IN (OLD.revision_id, NEW.revision_id)
                  AND (published_at IS NOT NULL OR withdrawn_at IS NOT NULL)) THEN
        RAISE EXCEPTION 'the figures of a revision that is published or withdrawn stay as they are'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'policy_revision_line_frozen';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_revision_line_frozen
    BEFORE INSERT OR UPDATE OR DELETE ON quotas_policyrevisionline
    FOR EACH ROW EXECUTE FUNCTION quotas_revision_line_is_frozen();
"""

REVISION_OPEN = """
DROP TRIGGER policy_revision_line_frozen ON quotas_policyrevisionline;
DROP FUNCTION quotas_revision_line_is_frozen();
DROP TRIGGER policy_revision_kept ON quotas_policyrevision;
DROP TRIGGER policy_revision_frozen ON quotas_policyrevision;
DROP FUNCTION quotas_revision_is_frozen();
"""

PUBLISHED_WITH_ITS_FIGURES = """
CREATE FUNCTION quotas_revision_has_its_figures() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM quotas_policyrevisionline WHERE revision_id = NEW.id)
       OR EXISTS (SELECT FROM quotas_policyrevisionline l
                    LEFT JOIN quotas_quotapolicy p ON p.id = l.row_id
                   WHERE l.revision_id = NEW.id
                     AND (p.valid_from, p.sensor_id, p.amount)
                         IS DISTINCT FROM (NEW.valid_from, NEW.sensor_id, l.amount)) THEN
        RAISE EXCEPTION 'a revision is published with a row of policy for each of its figures'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'policy_revision_published_whole';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER policy_revision_published_whole BEFORE UPDATE ON quotas_policyrevision
    FOR EACH ROW WHEN (OLD.published_at IS NULL AND NEW.published_at IS NOT NULL)
    EXECUTE FUNCTION quotas_revision_has_its_figures();
"""

PUBLISHED_ANYHOW = """
DROP TRIGGER policy_revision_published_whole ON quotas_policyrevision;
DROP FUNCTION quotas_revision_has_its_figures();
"""

PUBLISHED_ROW_KEPT = """
CREATE FUNCTION quotas_published_row_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM quotas_policyrevisionline WHERE row_id = OLD.id) THEN
        RAISE EXCEPTION 'a figure that was published is changed by another revision'
            USING ERRCODE = 'integrity_constraint_violation',
                  CONSTRAINT = 'quota_policy_published_kept';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER quota_policy_published_kept BEFORE UPDATE OR DELETE ON quotas_quotapolicy
    FOR EACH ROW EXECUTE FUNCTION quotas_published_row_is_kept();
"""

PUBLISHED_ROW_OPEN = """
DROP TRIGGER quota_policy_published_kept ON quotas_quotapolicy;
DROP FUNCTION quotas_published_row_is_kept();
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0007_policy_revisions")]

    operations = [
        migrations.RunSQL(REVISION_FROZEN, REVISION_OPEN),
        migrations.RunSQL(PUBLISHED_WITH_ITS_FIGURES, PUBLISHED_ANYHOW),
        migrations.RunSQL(PUBLISHED_ROW_KEPT, PUBLISHED_ROW_OPEN),
    ]
