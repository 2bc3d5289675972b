"""What is read of a printed file."""

import io
import re

import pikepdf
import pypdf


def words_of(data):
    """Text of every page, spaces of any width made one."""
    pages = pypdf.PdfReader(io.BytesIO(data)).pages
    return [re.sub(r"\s+", " ", page.extract_text()) for page in pages]


def squeezed(text):
    return re.sub(r"\s+", "", text)


def elements(node):
    """The structure of a tagged file."""
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from elements(node.get("/K", pikepdf.Array()))
