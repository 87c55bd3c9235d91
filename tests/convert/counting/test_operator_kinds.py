"""Every operator has one kind."""

from collections import Counter

from tensorflow.lite.python import schema_py_generated as schema

from larq_bvit.convert.counting.operator_kinds import KINDS, OTHER, kind_of


def test_kinds_hold_real_operators_once():
    operators = Counter(operator for kind in KINDS.values() for operator in kind.split())
    assert set(operators.values()) == {1}
    lce = {"LceBconv2d", "LceBMaxPool2d", "LceDequantize", "LceQuantize"}
    assert operators.keys() - vars(schema.BuiltinOperator).keys() == lce


def test_kind_of():
    assert kind_of("LceBconv2d") == "binary product" and kind_of("PRELU") == "elementwise"
    assert kind_of("FlexErf") == OTHER and OTHER not in KINDS
