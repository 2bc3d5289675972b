"""Messages, attached files and revisions stay; what was typed in them can be emptied, once."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION requests_app_row_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[0];
END $$;
CREATE TRIGGER message_is_append_only BEFORE UPDATE OR DELETE ON requests_app_message
    FOR EACH ROW EXECUTE FUNCTION requests_app_row_is_append_only('message_append_only');
CREATE TRIGGER attachment_is_append_only BEFORE UPDATE OR DELETE ON requests_app_attachment
    FOR EACH ROW EXECUTE FUNCTION requests_app_row_is_append_only('attachment_append_only');
CREATE TRIGGER revision_is_append_only BEFORE UPDATE OR DELETE ON requests_app_requestrevision
    FOR EACH ROW EXECUTE FUNCTION requests_app_row_is_append_only('revision_append_only');
"""

NOT_APPEND_ONLY = """
DROP TRIGGER revision_is_append_only ON requests_app_requestrevision;
DROP TRIGGER attachment_is_append_only ON requests_app_attachment;
DROP TRIGGER message_is_append_only ON requests_app_message;
DROP FUNCTION requests_app_row_is_append_only();
"""

# TG_ARGV: the column of the row it stands beside, and the name of the fact.
ONLY_EMPTIED = """
CREATE FUNCTION requests_app_content_can_only_be_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.content IS NULL OR NEW.content IS NOT NULL
       OR to_jsonb(NEW) -> TG_ARGV[0] <> to_jsonb(OLD) -> TG_ARGV[0]
       OR NEW.erased_at IS NULL OR NEW.erasure_reason = ''
    THEN
        RAISE EXCEPTION '% can only be emptied, once, saying when and why', TG_TABLE_NAME
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = TG_ARGV[1];
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER message_text_can_only_be_emptied
    BEFORE UPDATE OR DELETE ON requests_app_messagetext FOR EACH ROW EXECUTE FUNCTION
    requests_app_content_can_only_be_emptied('message_id', 'message_text_only_emptied');
CREATE TRIGGER attachment_name_can_only_be_emptied
    BEFORE UPDATE OR DELETE ON requests_app_attachmentname FOR EACH ROW EXECUTE FUNCTION
    requests_app_content_can_only_be_emptied('attachment_id', 'attachment_name_only_emptied');
CREATE TRIGGER revision_content_can_only_be_emptied
    BEFORE UPDATE OR DELETE ON requests_app_revisioncontent FOR EACH ROW EXECUTE FUNCTION
    requests_app_content_can_only_be_emptied('revision_id', 'revision_content_only_emptied');
"""

REWRITTEN = """
DROP TRIGGER revision_content_can_only_be_emptied ON requests_app_revisioncontent;
DROP TRIGGER attachment_name_can_only_be_emptied ON requests_app_attachmentname;
DROP TRIGGER message_text_can_only_be_emptied ON requests_app_messagetext;
DROP FUNCTION requests_app_content_can_only_be_emptied();
"""


class Migration(migrations.Migration):
    dependencies = [("requests_app", "0008_messages_and_revisions")]

    operations = [
        migrations.RunSQL(APPEND_ONLY, NOT_APPEND_ONLY),
        migrations.RunSQL(ONLY_EMPTIED, REWRITTEN),
    ]
