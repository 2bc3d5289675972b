"""Statements as files: the same rows and figures as the page, for a spreadsheet or a program."""

from quotas.exports.documents import owner_document, statement_document
from quotas.exports.files import FORMATS, json_text
from quotas.exports.tables import lines_table, owner_table, statement_table, uses_table

__all__ = [
    "FORMATS",
    "json_text",
    "lines_table",
    "owner_document",
    "owner_table",
    "statement_document",
    "statement_table",
    "uses_table",
]
