#include "compile/net.h"

namespace bvit {

int32_t Geometry::source(int32_t row, int32_t tap) const {
  const int32_t image = row / (out_h * out_w), y = row / out_w % out_h, x = row % out_w;
  int32_t sy = y / repeat_h * stride_h - pad_top + tap / kernel_w * dilation_h;
  int32_t sx = x / repeat_w * stride_w - pad_left + tap % kernel_w * dilation_w;
  if (!has_row(sy) || !has_column(sx)) return -1;
  if (reverse_h) sy = in_h - 1 - sy;
  if (reverse_w) sx = in_w - 1 - sx;
  return (image * in_h + sy) * in_w + sx;
}

bool Geometry::reaches_outside() const {
  return pad_top > 0 || pad_left > 0 ||
         (out_h - 1) * stride_h - pad_top + (kernel_h - 1) * dilation_h >= in_h ||
         (out_w - 1) * stride_w - pad_left + (kernel_w - 1) * dilation_w >= in_w;
}

MissingTaps find_missing_taps(const Geometry& g) {
  Vec<uint64_t> above(static_cast<size_t>(g.out_h), 0), beside(static_cast<size_t>(g.out_w), 0);
  for (int32_t t = 0; t < g.taps(); t++) {
    const int32_t down = t / g.kernel_w * g.dilation_h - g.pad_top, right = t % g.kernel_w * g.dilation_w - g.pad_left;
    const auto missing = [&](bool outside) { return static_cast<uint64_t>(outside) << t; };
    for (int32_t y = 0; y < g.out_h; y++) above[y] |= missing(!g.has_row(y / g.repeat_h * g.stride_h + down));
    for (int32_t x = 0; x < g.out_w; x++) beside[x] |= missing(!g.has_column(x / g.repeat_w * g.stride_w + right));
  }
  MissingTaps found;
  found.sets.push(0);
  size_t i = 0;
  for (uint64_t vertical : above)
    for (uint64_t horizontal : beside) {
      const uint64_t missing = vertical | horizontal;
      if (found.sets[i] != missing) {  // than of the row before
        for (i = 0; i < found.sets.size() && found.sets[i] != missing;) i++;
        if (i == found.sets.size()) found.sets.push(missing);
      }
      found.of_row.push(static_cast<int32_t>(i));
    }
  return found;
}

bool same_rows(const Geometry& a, const Geometry& b) {
  return a.in_h == b.in_h && a.in_w == b.in_w && a.out_h == b.out_h && a.out_w == b.out_w &&
         a.kernel_h == b.kernel_h && a.kernel_w == b.kernel_w && a.stride_h == b.stride_h &&
         a.stride_w == b.stride_w && a.dilation_h == b.dilation_h && a.dilation_w == b.dilation_w &&
         a.pad_top == b.pad_top && a.pad_left == b.pad_left && a.repeat_h == b.repeat_h &&
         a.repeat_w == b.repeat_w && a.reverse_h == b.reverse_h && a.reverse_w == b.reverse_w;
}

bool crosses_rows(const Item& to, int i) {
  switch (to.kind) {
    case ItemKind::kBinaryProduct:
    case ItemKind::kFloatProduct: return !to.geometry.is_pointwise();
    case ItemKind::kAttention: return i > 0;
    case ItemKind::kRowMap:
    case ItemKind::kView:
    case ItemKind::kTaps:
    case ItemKind::kMaxTaps:
    case ItemKind::kWhole: return true;
    default: return false;
  }
}

Vec<uint8_t> find_live(const Net& net) {
  Vec<uint8_t> live(net.items.size(), 0);
  for (size_t i = net.items.size(); i-- > 0;) {
    live[i] |= net.items[i].exported;
    if (live[i])
      for (int32_t source : net.items[i].in) live[source] = 1;
  }
  return live;
}

Vec<int32_t> count_uses(const Net& net) {
  const Vec<uint8_t> live = find_live(net);
  Vec<int32_t> uses(net.items.size(), 0);
  for (size_t i = 0; i < net.items.size(); i++) {
    if (!live[i]) continue;
    for (int32_t source : net.items[i].in) uses[source]++;
    uses[i] += net.items[i].exported;
  }
  return uses;
}

}  // namespace bvit
