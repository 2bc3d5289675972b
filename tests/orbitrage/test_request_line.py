import re

from django.conf import settings

from catalogue.forms import AREA_TEXT_LENGTH_MAXIMUM

ENCODED_CHARACTER = len("%7B")
OTHER_FILTERS = 600


def test_longest_area_of_the_catalogue_fits_the_line_that_the_server_reads():
    """gunicorn would end a longer line by a 414 of its own, without a page."""
    serving = (settings.BASE_DIR / "scripts" / "serving.sh").read_text()
    line_bytes = int(re.search(r"--limit-request-line (\d+)", serving)[1])

    assert line_bytes >= AREA_TEXT_LENGTH_MAXIMUM * ENCODED_CHARACTER + OTHER_FILTERS
