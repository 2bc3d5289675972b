"""Two printings of one document: what a reader would find different."""

import io
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

import numpy as np
import pikepdf
import pypdf
import pypdfium2

PICTURE_DPI = 72
POINTS_PER_INCH = 72
# Of 255: what the edge of a letter changes when it is drawn elsewhere.
SHADE_MAXIMUM = 24


def differences(first: bytes, second: bytes) -> list[str]:
    """In words, nothing where they are alike: number of pages, text, structure, pictures of pages.

    A seal is not looked at: it is neither text nor drawn.
    """
    texts, others = (_texts(each) for each in (first, second))
    if len(texts) != len(others):
        return [f"{len(texts)} pages, and now {len(others)}"]
    found = [
        f"the text of page {number}"
        for number, (before, after) in enumerate(zip(texts, others, strict=True), start=1)
        if before != after
    ]
    if _structure(first) != _structure(second):
        found.append("the structure")
    pictures = zip_longest(_pictures(first), _pictures(second))
    return found + [
        f"the picture of page {number}"
        for number, (before, after) in enumerate(pictures, start=1)
        if before.shape != after.shape or np.abs(before - after).max() > SHADE_MAXIMUM
    ]


def _texts(document: bytes) -> list[str]:
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(document)).pages]


def _structure(document: bytes) -> list[tuple[str, ...]]:
    """Each element's kind, language and alternative text, in the order they are read."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        return [
            tuple(str(element.get(key, "")) for key in ("/S", "/Lang", "/Alt"))
            for element in _elements(pdf.Root.StructTreeRoot.K)
        ]


def _elements(node: Any) -> Iterator[pikepdf.Dictionary]:
    if isinstance(node, pikepdf.Array):
        for child in node:
            yield from _elements(child)
    elif isinstance(node, pikepdf.Dictionary) and "/S" in node:
        yield node
        yield from _elements(node.get("/K", pikepdf.Array()))


def _pictures(document: bytes) -> Iterator[np.ndarray[Any, np.dtype[np.int16]]]:
    """Each page, in grey."""
    with pypdfium2.PdfDocument(document) as pdf:
        for number in range(len(pdf)):
            page = pdf[number]
            drawn = page.render(scale=PICTURE_DPI / POINTS_PER_INCH, grayscale=True)
            picture = drawn.to_numpy().astype(np.int16)
            drawn.close()
            page.close()
            yield picture
