#include "ops/border.h"

namespace bvit {
namespace {

// How far a window reaches over both borders; negative where it stays inside.
struct Overhang {
  int64_t before, after;
  Overhang(const WindowSide& side, int64_t o)
      : before(-side.start(o)), after(side.start(o) + side.extent() - side.in) {}
};

struct Rectangle {
  int32_t top, bottom, left, right;
};

Rectangle taps_inside(const WindowSide& y, int64_t oy, const WindowSide& x, int64_t ox) {
  Rectangle r = {y.first_tap(oy), y.last_tap(oy), x.first_tap(ox), x.last_tap(ox)};
  r.bottom = max(r.top, r.bottom);
  r.right = max(r.left, r.right);
  return r;
}

// table (height + 1, width + 1): sums over all taps above and to the left.
void sum_table(const int32_t* taps, int32_t height, int32_t width, int32_t* table) {
  const int64_t ld = width + 1;
  for (int32_t i = 0; i < height; i++)
    for (int32_t j = 0, line = 0; j < width; j++) {
      line += taps[static_cast<int64_t>(i) * width + j];
      table[(i + 1) * ld + j + 1] = table[i * ld + j + 1] + line;
    }
}

int32_t sum_of(const int32_t* table, int64_t ld, const Rectangle& r) {
  return table[r.bottom * ld + r.right] - table[r.top * ld + r.right] -
         table[r.bottom * ld + r.left] + table[r.top * ld + r.left];
}

}  // namespace

bool lce_corrects(const WindowSide& y, int64_t oy, const WindowSide& x, int64_t ox) {
  const Overhang v(y, oy), h(x, ox);
  return (h.after <= 0 && v.before > 0 && v.after < 0) ||   // top
         (h.before < 0 && h.after > 0 && v.after <= 0) ||   // right
         (h.before > 0 && h.after < 0 && v.before <= 0) ||  // left
         (h.before <= 0 && v.before < 0 && v.after > 0);    // bottom
}

bool Border::Classes::prepare(const WindowSide& side) {
  count = 1;
  if (!of.reserve<int32_t>(side.out) || !output.reserve<int32_t>(side.out + int64_t{1}))
    return false;
  output.as<int32_t>()[0] = -1;
  for (int32_t o = 0; o < side.out; o++) {
    const Overhang reach(side, o);
    const bool inside = reach.before <= 0 && reach.after <= 0;
    of.as<int32_t>()[o] = inside ? 0 : count;
    output.as<int32_t>()[inside ? 0 : count++] = o;
  }
  return true;
}

bool Border::number_entries(const WindowSide& y, const WindowSide& x, bool like_lce) {
  if (!entries_.reserve<int32_t>(static_cast<int64_t>(y_.count) * x_.count)) return false;
  int32_t* entry = entries_.as<int32_t>();
  for (int32_t i = 0; i < y_.count; i++)
    for (int32_t j = 0; j < x_.count; j++) {
      const int32_t oy = y_.output.as<int32_t>()[i], ox = x_.output.as<int32_t>()[j];
      const bool reaches_out = i > 0 || j > 0;
      const bool corrected = reaches_out && oy >= 0 && ox >= 0 &&
                             (!like_lce || lce_corrects(y, oy, x, ox));
      *entry++ = corrected ? count_++ : -1;
    }
  return true;
}

bool Border::sum_entries(const WindowSide& y, const WindowSide& x, const int32_t* taps) {
  const int64_t ld = x.kernel + int64_t{1}, height = y.kernel + int64_t{1};
  Buffer table;
  if (!table.reserve<int32_t>(height * ld)) return false;
  if (!sums_.reserve<int32_t>(static_cast<int64_t>(count_) * channels_)) return false;
  for (int32_t c = 0; c < channels_; c++) {
    int32_t* t = table.as<int32_t>();
    sum_table(taps + static_cast<int64_t>(c) * y.kernel * x.kernel, y.kernel, x.kernel, t);
    const int32_t all = t[height * ld - 1];
    for (int32_t i = 0; i < y_.count; i++)
      for (int32_t j = 0; j < x_.count; j++) {
        const int32_t e = entries_.as<int32_t>()[static_cast<int64_t>(i) * x_.count + j];
        if (e < 0) continue;
        const int32_t oy = y_.output.as<int32_t>()[i], ox = x_.output.as<int32_t>()[j];
        sums_.as<int32_t>()[static_cast<int64_t>(e) * channels_ + c] =
            all - sum_of(t, ld, taps_inside(y, oy, x, ox));
      }
  }
  return true;
}

bool Border::prepare(const WindowSide& y, const WindowSide& x, int32_t channels,
                     const int32_t* taps, bool like_lce) {
  count_ = 0;
  any_ = false;
  channels_ = channels;
  if (!y_.prepare(y) || !x_.prepare(x)) return false;
  if (!number_entries(y, x, like_lce) || !sum_entries(y, x, taps)) return false;
  any_ = count_ > 0;
  return true;
}

}  // namespace bvit
