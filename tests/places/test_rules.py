"""How names are written to be found again."""

import pytest

from places.rules import plain_words, search_query


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Montpellier", ["montpellier"]),
        ("Saint-Jean-de-Védas", ["saint", "jean", "de", "vedas"]),
        ("St-Gildas-des-Bois", ["saint", "gildas", "des", "bois"]),
        ("L'Haÿ-les-Roses", ["l", "hay", "les", "roses"]),
        ("L\N{RIGHT SINGLE QUOTATION MARK}Haÿ", ["l", "hay"]),
        ("Œting", ["oeting"]),
        ("CC Faucigny - Glières", ["cc", "faucigny", "glieres"]),
        ("Ste Marie", ["sainte", "marie"]),
        ("東京", []),
    ],
)
def test_name_is_its_plain_words(name, words):
    assert plain_words(name) == words


@pytest.mark.parametrize(
    ("typed", "query"),
    [
        ("", ""),
        ("  '-&|!():* ", ""),
        ("mont", "mont:*"),
        ("Saint Jean", "saint:* & jean:*"),
        ("St-Jean", "saint:* & jean:*"),
        ("st", "(saint:* | st:*)"),
        ("a' & !b:*", "a:* & b:*"),
        ("a b c d e f g h i j", "a:* & b:* & c:* & d:* & e:* & f:* & g:* & h:*"),
    ],
)
def test_query_holds_words_and_nothing_else(typed, query):
    assert search_query(typed) == query
