"""Statements as files: the same rows and figures as the page, for a spreadsheet or a program."""

from quotas.exports.documents import owner_document, statement_document
from quotas.exports.files import FORMATS, csv_lines, json_text, safe_cell, workbook
from quotas.exports.tables import Table, lines_table, owner_table, statement_table, uses_table

__all__ = [
    "FORMATS",
    "Table",
    "csv_lines",
    "json_text",
    "lines_table",
    "owner_document",
    "owner_table",
    "safe_cell",
    "statement_document",
    "statement_table",
    "uses_table",
    "workbook",
]
