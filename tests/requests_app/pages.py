"""What tests of pages read of an answer."""

import re


def text_of(response) -> str:
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", text.replace("&#x27;", "'").replace("\N{NO-BREAK SPACE}", " "))
