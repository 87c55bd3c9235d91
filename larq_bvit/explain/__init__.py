"""What a binary transformer looks at: its attention masks and its pyramid, as numbers and drawn.

image -> attention_masks, pyramid -> Explanation -> head_figures, picture
"""

from larq_bvit.explain.attention_masks import AttentionMask, attention_masks
from larq_bvit.explain.binary_attention import explainable_models
from larq_bvit.explain.explanation import Explanation, explain_image
from larq_bvit.explain.head_figures import HeadFigures, head_figures
from larq_bvit.explain.picture import picture
from larq_bvit.explain.pyramid import pyramid

__all__ = [
    "AttentionMask",
    "Explanation",
    "HeadFigures",
    "attention_masks",
    "explain_image",
    "explainable_models",
    "head_figures",
    "picture",
    "pyramid",
]
