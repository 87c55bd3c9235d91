"""Model cards: from a run's folder to weights that ship, with all that is known of them."""

from larq_bvit.cards.card import Card, card_page, read_card
from larq_bvit.cards.model_table import model_table
from larq_bvit.cards.pack import pack

__all__ = ["Card", "card_page", "model_table", "pack", "read_card"]
