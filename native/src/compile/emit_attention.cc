// Attention: scores of a tile first, as masks of the keys that it attends to, then the product with v.
#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {

void Emitter::emit_attention(int32_t i) {
  const Item& x = item(i);
  const int32_t keys = item(x.in[1]).rows / x.images, words = blocks_of(x.channels);
  const int32_t padded = static_cast<int32_t>(round_up(keys, 32));
  const int32_t image_tiles = x.images > 1 ? x.rows / x.images / kRows : 0;
  Chain scores;
  scores.kind = ChainKind::kScores;
  scores.heads = x.heads;
  scores.head_words = words / x.heads;
  scores.image_tiles = image_tiles;
  scores.key_count = keys;
  scores.padded_keys = padded;
  scores.mask_words = padded / 32;
  scores.exponentials = params(x.exponentials, static_cast<int32_t>(x.exponentials.size()), 0);
  scores.threshold = x.threshold;
  scores.y = place(x.in[0]).where;
  Operand turned[2];
  for (int side = 0; side < 2; side++) {
    Transpose t;
    t.values = side == 1;
    t.from = place(x.in[1 + side]).where;
    t.images = x.images, t.rows = keys, t.words = words, t.padded = padded;
    t.to.space = kArena;
    t.to.ld = t.values ? 32 * words : padded;
    t.to.offset = s_.arena.add(4LL * words * padded * x.images, region_);
    turned[side] = t.to;
    s_.arena.use(static_cast<int32_t>(t.from.offset), region_);
    out_->transposes.push(t);
  }
  scores.keys = turned[0];
  scores.x = scratch(x.heads * scores.mask_words);
  scores.ones = scratch(x.heads);
  touch(scores.ones, add_chain(scores));
  TileOp op(OpKind::kContext);
  op.x = scores.x, op.w = turned[1], op.ones = scores.ones;
  op.k = scores.mask_words;
  op.head_blocks = scores.head_words;
  op.image_tiles = image_tiles;
  op.p0 = params(x.scale, x.channels, 1);
  op.p1 = params(x.shift, x.channels, 0);
  const int32_t chain = append(new_chain(words), op, i);
  touch(op.ones, chain);
}

}  // namespace bvit
