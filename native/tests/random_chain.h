// Chains of operations on operands of all layouts, at random.
#pragma once

#include "chain_memory.h"
#include "neighbours.h"

namespace bvit {
namespace test {

// A chain, and all that its operations point to.
class RandomChain {
 public:
  RandomChain(Random* random, int blocks, int tiles, int first_row)
      : random_(random), blocks_(blocks), rows_(kRows * tiles), first_row_(first_row) {
    arena_ = memory.add(map_rows() * map_ld(), Holds::kNumbers, random);
    scratch_ = memory.add(static_cast<size_t>(rows_) * map_ld(), Holds::kNumbers, random);
    bits_ = memory.add(static_cast<size_t>(rows_) * bits_ld(), Holds::kBits, random);
  }

  void add(OpKind kind) {
    switch (kind) {
      case OpKind::kStore: return store();
      case OpKind::kSign: return sign();
      case OpKind::kTaps: return look(kind, 5, 1);
      case OpKind::kLine: return look(kind, 1, 5);
      default: return kind <= OpKind::kZero ? begin(kind) : go_on(kind);
    }
  }

  void begin(OpKind kind) {
    TileOp op(kind);
    if (kind == OpKind::kBinaryProduct || kind == OpKind::kUnit || kind == OpKind::kContext)
      add_binary(&op);
    if (kind == OpKind::kFloatProduct) add_float(&op);
    if (kind == OpKind::kLoad) op.x = operand();
    op.p0 = parameters(blocks_ * kBlock), op.p1 = parameters(blocks_ * kBlock);
    if (kind == OpKind::kUnit) {
      do op.w = operand();
      while (op.w.rows);  // a unit's addend lies in order
      if (random_->word() % 2) op.p2 = parameters(blocks_ * kBlock);
      op.p3 = parameters(blocks_ * kBlock);
    }
    ops_.push_back(op);
  }

  void go_on() {
    const OpKind kinds[] = {OpKind::kAdd,    OpKind::kSubtract, OpKind::kMultiply, OpKind::kAddScaled,
                            OpKind::kAffine, OpKind::kScale,    OpKind::kShift,    OpKind::kPrelu,
                            OpKind::kClamp,  OpKind::kScaleAdd, OpKind::kMaximum, OpKind::kMinimum,
                            OpKind::kFunction};
    go_on(kinds[random_->word() % (sizeof(kinds) / sizeof(kinds[0]))]);
  }

  void go_on(OpKind kind) {
    TileOp op(kind);
    op.x = operand();
    op.p0 = parameters(blocks_ * kBlock), op.p1 = parameters(blocks_ * kBlock);
    op.low = -1, op.high = 2;
    op.function = static_cast<Function>(random_->word() % 3);
    ops_.push_back(op);
  }

  // Symmetric neighbours of each row of the map, as an image 7 pixels wide.
  void look(OpKind kind, int height, int width) {
    const Neighbours n = {first_row_ / kRows + rows_ / kRows, kRows, height, width, map_ld()};
    const auto taps = n.offsets();
    TileOp op(kind);
    op.x.space = arena_, op.x.map = true, op.x.ld = n.ld;
    op.taps = keep(taps), op.starts = keep(starts_of(taps, n.count(), n.ld)), op.line = keep(line_of(taps, n.count()));
    op.count = n.count(), op.step = n.ld, op.symmetric = true;
    op.p0 = parameters(blocks_ * kBlock * op.count);
    Guarded<float>& weights = *held_.back();
    for (size_t b = 0; b < static_cast<size_t>(blocks_); b++)
      for (size_t t = 0; t < static_cast<size_t>(op.count) / 2; t++)
        for (size_t i = 0; i < kBlock; i++)
          weights[(b * static_cast<size_t>(op.count) + static_cast<size_t>(op.count) - 1 - t) * kBlock + i] =
              weights[(b * static_cast<size_t>(op.count) + t) * kBlock + i];
    ops_.push_back(op);
  }

  void store() {
    TileOp op(OpKind::kStore);
    op.x.space = scratch_, op.x.ld = map_ld(), op.x.first = static_cast<int>(random_->word() % 2);
    ops_.push_back(op);
  }

  void sign() {
    TileOp op(OpKind::kSign);
    op.x.space = bits_, op.x.ld = bits_ld(), op.x.first = static_cast<int>(random_->word() % 2);
    op.p0 = parameters(blocks_ * kBlock);
    ops_.push_back(op);
  }

  void group_add(int group) {
    TileOp op(OpKind::kGroupAdd);
    op.x.ld = map_ld();
    op.x.space = memory.add(static_cast<size_t>(rows_) * map_ld(), Holds::kNumbers, random_);
    op.group = group;
    ops_.push_back(op);
  }

  Chain chain() const {
    Chain chain;
    chain.blocks = blocks_;
    chain.op_count = static_cast<int>(ops_.size());
    chain.ops = ops_.data();
    return chain;
  }

  Memory memory;

 private:
  // Maps have rows behind the strip, and a block of channels more than the chain.
  size_t map_rows() const { return static_cast<size_t>(first_row_ + rows_ + 3); }
  int map_ld() const { return kBlock * (blocks_ + 1) + 3; }
  int bits_ld() const { return blocks_ + 2; }

  const float* parameters(int count) {
    held_.push_back(std::make_unique<Guarded<float>>(static_cast<size_t>(count)));
    for (int i = 0; i < count; i++) (*held_.back())[static_cast<size_t>(i)] = random_->number();
    return held_.back()->data();
  }

  const int32_t* keep(const std::vector<int32_t>& table) {
    order_.push_back(std::make_unique<Guarded<int32_t>>(table.size()));
    for (size_t i = 0; i < table.size(); i++) (*order_.back())[i] = table[i];
    return order_.back()->data();
  }

  // Rows of the strip, of the map, or in any order; channels from a block on, or repeating.
  Operand operand() {
    Operand x;
    x.ld = map_ld();
    x.map = random_->word() % 2;
    x.space = x.map ? arena_ : scratch_;
    if (random_->word() % 3 == 0) {
      x.space = arena_, x.map = false;
      order_.push_back(std::make_unique<Guarded<int32_t>>(map_rows()));
      for (size_t i = 0; i < map_rows(); i++)
        (*order_.back())[i] = static_cast<int>(random_->word() % map_rows()) * map_ld();
      x.rows = order_.back()->data();
    }
    x.period = static_cast<int>(random_->word() % static_cast<unsigned>(blocks_ + 1));
    x.first = static_cast<int>(random_->word() % 2);
    return x;
  }

  void add_binary(TileOp* op) {
    const int heads = op->kind == OpKind::kContext && blocks_ % 2 == 0 ? 2 : 1;
    op->k = 1 + static_cast<int>(random_->word() % 9);
    op->head_blocks = blocks_ / heads;
    op->x.ld = heads * op->k + static_cast<int>(random_->word() % 3);
    op->x.space = memory.add(static_cast<size_t>(rows_ * op->x.ld), Holds::kBits, random_);
    if (op->kind != OpKind::kContext) {
      words_.push_back(
          std::make_unique<Guarded<uint32_t>>(static_cast<size_t>(blocks_ * op->k * kBlock)));
      words_.back()->fill(random_);
      op->weights = words_.back()->data();
      return;
    }
    op->w.ld = kBlock * blocks_ + 5;
    op->image_tiles = static_cast<int>(random_->word() % 3);
    const int tiles = (first_row_ + rows_) / kRows;  // with an image for each of them at most
    op->w.space = memory.add(static_cast<size_t>(tiles * op->k * op->w.ld), Holds::kBits, random_);
    op->ones.ld = heads + 1;
    op->ones.space = memory.add(static_cast<size_t>(rows_ * op->ones.ld), Holds::kNumbers, random_);
  }

  void add_float(TileOp* op) {
    op->k = 1 + static_cast<int>(random_->word() % 50);
    op->x.ld = op->k + 1;
    op->x.space = memory.add(static_cast<size_t>(rows_ * op->x.ld), Holds::kNumbers, random_);
    op->weights = reinterpret_cast<const uint32_t*>(parameters(blocks_ * op->k * kBlock));
  }

  Random* random_;
  int blocks_, rows_, first_row_;
  uint8_t arena_, scratch_, bits_;
  std::vector<TileOp> ops_;
  std::vector<std::unique_ptr<Guarded<float>>> held_;
  std::vector<std::unique_ptr<Guarded<uint32_t>>> words_;
  std::vector<std::unique_ptr<Guarded<int32_t>>> order_;
};

}  // namespace test
}  // namespace bvit
