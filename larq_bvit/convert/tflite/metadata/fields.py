"""The part of the TFLite metadata schema that is used here.

Source: metadata_schema.fbs of TFLite Support (github.com/tensorflow/tflite-support), version 1.0.0
of the schema. A field's number is its place in the table; a union takes two, its type and its
table.
"""

from enum import IntEnum

IDENTIFIER = b"M001"
# the parsers that know all fields below
PARSER_VERSION = "1.0.0"

ModelMetadata = IntEnum(
    "ModelMetadata",
    "NAME DESCRIPTION VERSION SUBGRAPH_METADATA AUTHOR LICENSE ASSOCIATED_FILES MIN_PARSER_VERSION",
    start=0,
)
SubGraphMetadata = IntEnum(
    "SubGraphMetadata", "NAME DESCRIPTION INPUT_TENSOR_METADATA OUTPUT_TENSOR_METADATA", start=0
)
TensorMetadata = IntEnum(
    "TensorMetadata",
    "NAME DESCRIPTION DIMENSION_NAMES CONTENT PROCESS_UNITS STATS ASSOCIATED_FILES",
    start=0,
)
Content = IntEnum("Content", "PROPERTIES_TYPE PROPERTIES RANGE", start=0)
ImageProperties = IntEnum("ImageProperties", "COLOR_SPACE DEFAULT_SIZE", start=0)
ProcessUnit = IntEnum("ProcessUnit", "OPTIONS_TYPE OPTIONS", start=0)
NormalizationOptions = IntEnum("NormalizationOptions", "MEAN STD", start=0)
Stats = IntEnum("Stats", "MAX MIN", start=0)
AssociatedFile = IntEnum("AssociatedFile", "NAME DESCRIPTION TYPE LOCALE", start=0)

# Values of the schema's enums and unions.
ContentType = IntEnum("ContentType", "NONE FEATURE IMAGE BOUNDING_BOX", start=0)
ColorSpace = IntEnum("ColorSpace", "UNKNOWN RGB GRAYSCALE", start=0)
ProcessUnitType = IntEnum("ProcessUnitType", "NONE NORMALIZATION", start=0)
AssociatedFileType = IntEnum(
    "AssociatedFileType", "UNKNOWN DESCRIPTIONS TENSOR_AXIS_LABELS", start=0
)
