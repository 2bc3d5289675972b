import pytest
from django.core.exceptions import ValidationError

from orbitrage.shared.text import OneLineField

FIELD = OneLineField(max_length=80)


@pytest.mark.parametrize(
    "inside", ["\n", "\r", "\t", "\x0b", "\x1b", "\x7f", "\x85", "\u2028", "\u2029"]
)
def test_line_break_or_control_is_refused_with_its_place(inside):
    with pytest.raises(ValidationError) as refused:
        FIELD.clean(f"Ada{inside}Byron")

    assert refused.value.error_list[0].code == "not_one_line"
    assert refused.value.error_list[0].params == {"position": 4}


@pytest.mark.parametrize("name", ["Ada Byron", "Zoë d’Órn\u00a0Ñ", "李 明", "محمد", "👩‍🚀"])
def test_names_of_every_script_pass(name):
    assert FIELD.clean(name) == name


def test_line_break_at_the_ends_is_dropped():
    assert FIELD.clean("\nAda Byron\r\n") == "Ada Byron"
