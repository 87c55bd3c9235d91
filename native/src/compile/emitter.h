// Writes the chains of one region.
//
// Items are taken in an order in which products come last: what they are added to is there by then.
// An item continues the chain that holds its input in registers, if nothing after it has, and if its
// other inputs are stored by then; else it begins a chain that loads. What several read is stored at
// the place in the chain where it is made.
#pragma once

#include "compile/group_order.h"
#include "compile/lookup.h"
#include "compile/packing.h"
#include "compile/plan.h"
#include "compile/queue.h"

namespace bvit {

// Where an item can be read.
struct Place {
  bool stored = false;
  int32_t ready = -1;             // chain of its region that completes what is stored
  Operand where;
  float scale = 1;                // a factor that readers still owe
  int32_t rows = 0;               // of a constant: as many as `where` repeats it for
};

// Where an item of the region that is emitted is in registers: after this operation of this chain.
struct Spot {
  int32_t chain = -1, position = -1;
};

// Where an item stands in the order of its region.
struct Turn {
  int32_t waits_for = 0;       // inputs of its region that are not there yet
  int32_t queued = INT32_MAX;  // its lowest priority in the queue
  int32_t next_user = 0;       // the first of its users that is in no region before
};

// What all regions share.
struct PlanState {
  const Net& net;
  const Vec<Region>& regions;
  Constants* constants;
  Plan* plan;
  MemoryPlan arena;
  Vec<Place> places;
  Vec<int32_t> region_of;
  Vec<Vec<int32_t>> users;     // region by region
  GroupOrders orders;
  Vec<Turn> turns;
  Vec<Spot> spots;
  const char* failure = nullptr;

  struct Table {
    Geometry geometry;
    int32_t rows, ld;
    const int32_t* data;
    const int32_t* starts;
    const int32_t* line;       // of TileOp::line; null where rows of a tile are not neighbours
  };
  Vec<Table> tables;
  Lookup table_numbers;
  Vec<int32_t> external_of;    // by value: its number among the plan's externals, -1: none

  PlanState(const Net& net, const Vec<Region>& regions, Constants* constants, Plan* plan);

  // Fails where rows can't be told by int32 offsets.
  void check_offsets(const Geometry& g, int32_t rows, int32_t ld);
  // [rows, whole tiles][taps]: element offset of the row that is read, < 0 outside.
  Table taps_table(const Geometry& g, int32_t rows, int32_t ld);
  // [rows, whole tiles]: the same of one tap that is never outside; rows behind the map read its first.
  const int32_t* row_table(const Geometry& g, int32_t rows, int32_t ld);
  // The space of a tensor outside.
  uint16_t external(int32_t value);
  bool leaves_region(int32_t item) const;
  // Rows of a constant as a map of `rows` rows, in which they repeat.
  Operand constant_map(const Item& item, int32_t rows);
};

class Emitter {
 public:
  Emitter(PlanState* state, int32_t region);
  bool run(PlannedRegion* out, const PlanOptions& options);

 private:
  struct Draft {
    Chain chain;
    Vec<TileOp> ops;
    Vec<int32_t> items;  // that were in registers, unless another chain has loaded them since
    int32_t tail = -1;   // the one in registers at its end
  };

  // order
  void emit_all();
  void queue(int32_t item);
  template <class Visit>
  void each_reader(int32_t item, Visit visit);
  int32_t priority(int32_t item) const;
  bool is_deferred(int32_t item) const;  // read where it is used, never computed on its own
  bool can_wait(int32_t item) const;
  float place_scale(int32_t i) const { return s_.places[i].scale; }
  void emit(int32_t item);
  // items
  void emit_sign(int32_t item);
  void emit_unary(int32_t item);
  void emit_pair(int32_t item);
  void emit_concat(int32_t item);
  void emit_tile(int32_t item);
  void emit_group_mean(int32_t item);
  void emit_taps(int32_t item);
  void emit_row_map(int32_t item);
  void emit_view(int32_t item);
  void emit_narrow_concat(int32_t item);
  void emit_binary_product(int32_t item);
  void emit_float_product(int32_t item);
  void emit_attention(int32_t item);
  // chains
  int32_t new_chain(int32_t blocks);
  int32_t add_chain(const Chain& chain);
  int32_t append(int32_t chain, const TileOp& op, int32_t item);
  void insert_side(int32_t item, const TileOp& op);
  bool has_room(int32_t chain, int32_t more) const;
  bool can_sum(int32_t chain) const;
  bool in_registers(int32_t item) const;
  int32_t load_chain(int32_t item);
  TileOp unary_op(const Item& item, Order order);
  bool pair_operand(int32_t item, OpKind kind, int32_t chain, TileOp* op);
  TileOp taps_op(int32_t item);
  const int32_t* rows_of_view(const Item& x, int32_t ld);
  Operand mapped_rows(int32_t item);
  void append_border(int32_t chain, int32_t item, int32_t result);
  int32_t main_input(const Item& x) const;
  Order order(int32_t i) const { return s_.orders.order(i); }
  // memory
  Operand new_buffer(bool bits, int32_t channels, bool leaves);
  Operand scratch(int32_t ld);
  Operand ensure_stored(int32_t item);
  Operand ensure_plain(int32_t item);
  Operand patches(int32_t item, int32_t length);
  Operand add_patches(Chain chain);
  void read_segments(int32_t item, const Operand& map, TileOp* op);
  void touch(const Operand& x, int32_t chain);
  const float* params(const Vec<float>& v, int32_t channels, float otherwise, float padding = 0,
                      Order order = nullptr) {
    return pack_channels(v, channels, otherwise, padding, order, s_.constants);
  }
  void fail(const char* why) {
    if (!s_.failure) s_.failure = why;
  }
  void finish(PlannedRegion* out, const PlanOptions& options);

  const Item& item(int32_t i) const { return s_.net.items[i]; }
  Place& place(int32_t i) { return s_.places[i]; }
  Spot& spot(int32_t i) { return s_.spots[i]; }
  const Spot& spot(int32_t i) const { return s_.spots[i]; }
  // The chain that completes what is stored of an item; -1: a region before.
  int32_t ready(int32_t i) const { return s_.region_of[i] == region_ ? s_.places[i].ready : -1; }

  PlanState& s_;
  int32_t region_, rows_;
  const Vec<int32_t>& items_;
  Queue queue_;
  Vec<int32_t> loaded_;  // by the item that is emitted
  Vec<Draft> drafts_;
  MemoryPlan scratch_;
  PlannedRegion* out_ = nullptr;
};

}  // namespace bvit
