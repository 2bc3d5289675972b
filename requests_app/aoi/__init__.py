"""Areas of interest: read an uploaded file in a sandbox, normalise it, prepare it for an operator.

Public: ``reading.read_area``, ``operator_area.operator_area``, ``size_rules``. The modules that the
sandboxed process imports (``child`` and what it imports) know neither Django nor the project.
"""
