"""Colours of kinds of operators, the same in every picture, table and page."""

OTHER = "other"
# Okabe and Ito's colours, which the colour-blind can tell apart
KINDS = {
    "binary product": "#0072b2",
    "float product": "#d55e00",
    "attention": "#f0e442",
    "type conversion": "#56b4e9",
    "elementwise": "#e69f00",
    "pooling and reduction": "#009e73",
    "layout": "#999999",
    OTHER: "#cc79a7",
}
