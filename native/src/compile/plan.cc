#include "compile/plan.h"

#include "base/math.h"
#include "compile/emitter.h"

namespace bvit {
namespace {

// Whether all that read an input copy patches of it: those take rows of any length.
bool only_patches(const PlanState& s, int32_t i) {
  if (s.net.items[i].bits) return false;
  for (int32_t user : s.users[i]) {
    const Item& x = s.net.items[user];
    if (x.kind != ItemKind::kFloatProduct || x.geometry.is_pointwise()) return false;
  }
  return true;
}

// An input is read where it lies if its rows and channels fill whole tiles, else from a copy.
void place_input(PlanState* s, int32_t i) {
  const Item& x = s->net.items[i];
  Place& p = s->places[i];
  Operand outside;
  outside.space = s->external(x.value);
  outside.map = true;
  outside.ld = x.bits ? x.channels / 32 : x.channels;
  p.stored = true;
  if (x.raw_bytes) {
    p.where = outside;
    return;
  }
  const bool whole = x.rows % kRows == 0 && (x.bits || x.channels % 32 == 0);
  if (whole || only_patches(*s, i)) {
    p.where = outside;
    return;
  }
  Copy copy;
  copy.from = outside;
  copy.rows = x.rows, copy.elements = outside.ld;
  copy.to = outside;
  copy.to.space = kArena;
  copy.to.ld = x.bits ? outside.ld : 32 * blocks_of(x.channels);
  copy.to.offset = s->arena.add(static_cast<int64_t>(round_up(x.rows, kRows)) * copy.to.ld * 4, -1);
  p.where = copy.to;
  s->plan->copies_in.push(copy);
}

void place_output(PlanState* s, int32_t i, int32_t regions) {
  const Item& x = s->net.items[i];
  if (x.kind == ItemKind::kInput || x.raw_bytes) return;
  Copy copy;
  copy.from = x.kind == ItemKind::kConstantMap ? s->constant_map(x, x.rows) : s->places[i].where;
  copy.rows = x.rows;
  copy.elements = x.bits ? blocks_of(x.channels) : x.channels;
  copy.to.space = s->external(x.value);
  copy.to.map = true;
  copy.to.ld = copy.elements;
  if (copy.from.space == kArena) s->arena.use(static_cast<int32_t>(copy.from.offset), regions);
  s->plan->copies_out.push(copy);
}

// A map without padding, beside one that may have it.
Operand dense(PlanState* s, const Item& x, const Operand& padded, int32_t region) {
  const int32_t elements = x.bits ? blocks_of(x.channels) : x.channels;
  if (padded.ld == elements) return padded;
  Operand out = padded;
  out.space = kArena;
  out.ld = elements;
  out.offset = s->arena.add(4LL * x.rows * elements, region);
  return out;
}

Copy copy_between(const Item& x, const Operand& from, const Operand& to) {
  Copy copy;
  copy.from = from, copy.to = to;
  copy.rows = x.rows;
  copy.elements = x.bits ? blocks_of(x.channels) : x.channels;
  return copy;
}

// An operator that runs as it is, over whole maps.
void plan_whole(PlanState* s, int32_t i, int32_t region, const PlanOptions& options, PlannedRegion* out) {
  const Item& x = s->net.items[i];
  const Item& source = s->net.items[x.in[0]];
  WholeStep& step = out->whole;
  step.op = create_object<LceOp>();
  if (!step.op || !step.op->prepare(*s->net.graph, s->net.graph->nodes[x.node], options.kernels)) {
    s->failure = "an operator of its own can't be prepared";
    return;
  }
  out->rows = static_cast<int32_t>(step.op->rows());
  out->scratch_bytes = static_cast<int64_t>(step.op->scratch_bytes());
  const Operand from = s->places[x.in[0]].where;
  step.from = source.raw_bytes ? from : dense(s, source, from, region);
  if (step.from.offset != from.offset || step.from.space != from.space) step.before.push(copy_between(source, from, step.from));
  if (from.space == kArena) s->arena.use(static_cast<int32_t>(from.offset), region);
  Place& p = s->places[i];
  p.stored = true;
  if (x.raw_bytes) {
    p.where.map = true;
    p.where.space = x.exported ? s->external(x.value) : static_cast<uint16_t>(kArena);
    if (!x.exported) p.where.offset = s->arena.add(x.raw_bytes, region);
    step.to = p.where;
    return;
  }
  p.where.space = kArena;
  p.where.map = true;
  p.where.ld = x.bits ? blocks_of(x.channels) : 32 * blocks_of(x.channels);
  p.where.offset = s->arena.add(static_cast<int64_t>(round_up(x.rows, kRows)) * p.where.ld * 4, region);
  step.to = dense(s, x, p.where, region);
  if (step.to.offset != p.where.offset) step.after.push(copy_between(x, step.to, p.where));
}

void settle(const MemoryPlan& arena, Operand* x) {
  if (x->space == kArena) x->offset = arena.offset(static_cast<int32_t>(x->offset));
}

void settle_arena(const MemoryPlan& arena, Plan* plan) {
  for (PlannedRegion& r : plan->regions) {
    settle(arena, &r.whole.from), settle(arena, &r.whole.to);
    for (Copy& c : r.whole.before) settle(arena, &c.from), settle(arena, &c.to);
    for (Copy& c : r.whole.after) settle(arena, &c.from), settle(arena, &c.to);
    for (Transpose& t : r.transposes) settle(arena, &t.from), settle(arena, &t.to);
    for (Chain& c : r.chains) {
      settle(arena, &c.x), settle(arena, &c.y), settle(arena, &c.ones), settle(arena, &c.keys);
      for (int k = 0; k < c.op_count; k++) {
        TileOp* op = const_cast<TileOp*>(&c.ops[k]);
        settle(arena, &op->x), settle(arena, &op->w), settle(arena, &op->ones);
      }
    }
  }
  for (Copy& c : plan->copies_in) settle(arena, &c.to);
  for (Copy& c : plan->copies_out) settle(arena, &c.from);
}

}  // namespace

bool make_plan(const Net& net, const Vec<Region>& regions, const PlanOptions& options,
               Constants* constants, Plan* plan, char* error, size_t error_size) {
  PlanState s(net, regions, constants, plan);
  for (size_t i = 0; i < net.items.size(); i++)
    if (net.items[i].kind == ItemKind::kInput && !s.users[i].empty()) place_input(&s, static_cast<int32_t>(i));
  for (size_t r = 0; r < regions.size() && !s.failure; r++) {
    PlannedRegion region;
    const size_t before = constants->bytes();
    const int32_t first = regions[r].items[0];
    if (net.items[first].kind == ItemKind::kWhole) {
      plan_whole(&s, first, static_cast<int32_t>(r), options, &region);
    } else {
      Emitter(&s, static_cast<int32_t>(r)).run(&region, options);
    }
    region.constant_bytes = constants->bytes() - before;
    plan->scratch_bytes = max(plan->scratch_bytes, region.scratch_bytes);
    plan->regions.push(region);
  }
  for (size_t i = 0; i < net.items.size() && !s.failure; i++)
    if (net.items[i].exported) place_output(&s, static_cast<int32_t>(i), static_cast<int32_t>(regions.size()));
  if (constants->failed()) s.failure = "out of memory";
  if (s.failure) {
    snprintf(error, error_size, "%s", s.failure);
    return false;
  }
  plan->arena_bytes = s.arena.place();
  settle_arena(s.arena, plan);
  return true;
}

}  // namespace bvit
