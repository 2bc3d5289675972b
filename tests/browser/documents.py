"""Documents as people get them from a page, and what they say."""

from pathlib import Path
from subprocess import PIPE, run

from playwright.sync_api import Page


def download(page: Page, language: str, folder: Path) -> Path:
    """By the link in the page's head."""
    with page.expect_download() as arrival:
        page.click(f'.page-header__actions a[hreflang="{language}"]')
    file = folder / arrival.value.suggested_filename
    arrival.value.save_as(file)
    return file


def text_of(pdf: Path) -> str:
    return run(["pdftotext", "-layout", str(pdf), "-"], stdout=PIPE, check=True).stdout.decode()
