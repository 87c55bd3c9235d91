"""Reads the operators of a .tflite."""

from collections import Counter

from tensorflow.lite.python import schema_py_generated as schema

_BUILTIN_NAMES = {
    code: name for name, code in vars(schema.BuiltinOperator).items() if isinstance(code, int)
}


def count_ops(tflite: bytes) -> Counter[str]:
    """{operator: how often} of a .tflite, custom operators such as LceBconv2d by their name.

    Raises:
        ValueError: these bytes are not a .tflite.
    """
    if tflite[4:8] != b"TFL3":
        raise ValueError(f"expected a .tflite (identifier TFL3); got bytes {bytes(tflite[:8])!r}")
    model = schema.ModelT.InitFromObj(schema.Model.GetRootAsModel(tflite, 0))
    codes = [_name(code) for code in model.operatorCodes]
    return Counter(codes[op.opcodeIndex] for graph in model.subgraphs for op in graph.operators)


def _name(code: schema.OperatorCodeT) -> str:
    if code.customCode:
        return code.customCode.decode()
    # the field grew from 8 to 32 bits; old writers fill only the deprecated one
    return _BUILTIN_NAMES[max(code.builtinCode, code.deprecatedBuiltinCode)]
