// The last step of a region: drafts become chains, with operations that the kernels do in one.
#include "base/math.h"
#include "compile/emitter.h"
#include "kernels/tile/frequent.h"

namespace bvit {

namespace {

// Product, addend and PReLU, the unit that binary transformers are made of, as one operation.
void fuse_unit(Vec<TileOp>* ops) {
  if (ops->size() < 3 || (*ops)[0].kind != OpKind::kBinaryProduct || (*ops)[2].kind != OpKind::kPrelu) return;
  const TileOp &add = (*ops)[1], &prelu = (*ops)[2];
  if ((add.kind != OpKind::kAdd && add.kind != OpKind::kAddScaled) || add.x.rows) return;
  TileOp unit = (*ops)[0];
  unit.kind = OpKind::kUnit;
  unit.w = add.x;
  unit.p2 = add.kind == OpKind::kAddScaled ? add.p0 : nullptr;
  unit.p3 = prelu.p0;
  Vec<TileOp> fused;
  fused.push(unit);
  for (size_t k = 3; k < ops->size(); k++) fused.push((*ops)[k]);
  ops->swap(fused);
}

// A scale before an addition is one operation with it.
void fuse_scale_add(Vec<TileOp>* ops) {
  Vec<TileOp> fused;
  for (const TileOp& op : *ops) {
    const bool joins = op.kind == OpKind::kAdd && !op.x.rows && !fused.empty() && fused.back().kind == OpKind::kScale;
    if (!joins) {
      fused.push(op);
      continue;
    }
    TileOp both = op;
    both.kind = OpKind::kScaleAdd;
    both.p0 = fused.back().p0;
    fused.back() = both;
  }
  ops->swap(fused);
}

void settle(Operand* x, const MemoryPlan& scratch) {
  if (x->space == kScratch) x->offset = scratch.offset(static_cast<int32_t>(x->offset));
}

}  // namespace

void Emitter::finish(PlannedRegion* out, const PlanOptions& options) {
  int64_t bytes = scratch_.place();
  const int32_t tiles = static_cast<int32_t>(ceil_div(rows_, kRows));
  const int64_t fits = bytes ? options.strip_bytes / bytes : tiles;
  out->strip_tiles = static_cast<int32_t>(clamp<int64_t>(fits, 1, min<int64_t>(ceil_div(tiles, options.threads), 8)));
  scratch_.scale(out->strip_tiles);
  out->scratch_bytes = scratch_.place();
  for (Draft& draft : drafts_) {
    fuse_unit(&draft.ops);
    fuse_scale_add(&draft.ops);
    Chain chain = draft.chain;
    chain.op_count = static_cast<int32_t>(draft.ops.size());
    TileOp* ops = s_.constants->take_array<TileOp>(draft.ops.size());
    if (ops == nullptr) return;
    for (size_t k = 0; k < draft.ops.size(); k++) {
      ops[k] = draft.ops[k];
      settle(&ops[k].x, scratch_);
      settle(&ops[k].w, scratch_);
      settle(&ops[k].ones, scratch_);
    }
    chain.ops = ops;
    if (chain.kind == ChainKind::kTile) chain.frequent = find_frequent(ops, chain.op_count);
    settle(&chain.x, scratch_);
    settle(&chain.y, scratch_);
    settle(&chain.ones, scratch_);
    settle(&chain.keys, scratch_);
    out->chains.push(chain);
  }
}

}  // namespace bvit
