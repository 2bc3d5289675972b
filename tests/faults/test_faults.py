"""The faults still fit the code; `python -m tests.faults.run` shows that the suite catches them."""

import ast

import pytest

from tests.faults.catalogue import REPOSITORY, Fault, all_faults


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: fault.name)
def test_fault_fits_the_code(fault: Fault):
    changed = fault.applied_to((REPOSITORY / fault.file).read_text(encoding="utf-8"))

    ast.parse(changed)
    assert all((REPOSITORY / test.partition("::")[0]).exists() for test in fault.tests)


def test_there_are_twenty_faults_or_more():
    assert len({fault.name for fault in all_faults()}) >= 20
