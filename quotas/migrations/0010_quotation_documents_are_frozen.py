from django.db import migrations

COLUMNS_BEFORE = """number, year, sequence, request_number, decision, entity_id, lines, total_eur,
    valid_until, created_at"""
COLUMNS_NOW = f"{COLUMNS_BEFORE}, package_id, cell_id, record"


def frozen(columns: str) -> str:
    names = [name.strip() for name in columns.split(",")]
    new, old = (", ".join(f"{row}.{name}" for name in names) for row in ("NEW", "OLD"))
    return f"""
DROP TRIGGER quotation_frozen ON quotas_quotation;
CREATE TRIGGER quotation_frozen BEFORE UPDATE ON quotas_quotation
    FOR EACH ROW
    WHEN (({new}) IS DISTINCT FROM ({old}))
    EXECUTE FUNCTION quotas_quotation_is_frozen();
"""


APPEND_ONLY = """
CREATE FUNCTION quotas_quotation_journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was recorded or given out for a quotation stays' USING
        ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'quotation_journal_append_only';
END $$;
CREATE TRIGGER quotation_references_append_only BEFORE UPDATE OR DELETE ON quotas_quotationreferences
    FOR EACH ROW EXECUTE FUNCTION quotas_quotation_journal_is_append_only();
CREATE TRIGGER quotation_file_append_only BEFORE UPDATE OR DELETE ON quotas_quotationfile
    FOR EACH ROW EXECUTE FUNCTION quotas_quotation_journal_is_append_only();
"""

OPEN = """
DROP TRIGGER quotation_file_append_only ON quotas_quotationfile;
DROP TRIGGER quotation_references_append_only ON quotas_quotationreferences;
DROP FUNCTION quotas_quotation_journal_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("quotas", "0009_quotation_documents")]

    operations = [
        migrations.RunSQL(frozen(COLUMNS_NOW), frozen(COLUMNS_BEFORE)),
        migrations.RunSQL(APPEND_ONLY, OPEN),
    ]
