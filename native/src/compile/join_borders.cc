#include "compile/rewrites.h"

namespace bvit {

void join_borders(Net* net) {
  const Vec<int32_t> uses = count_uses(*net);
  for (size_t i = 0; i < net->items.size(); i++) {
    const Item& outer = net->items[i];
    if (outer.kind != ItemKind::kAdd || uses[i] == 0 || uses[outer.in[0]] != 1) continue;
    const Item& inner = net->items[outer.in[0]];
    if (inner.kind != ItemKind::kAdd || uses[outer.in[1]] != 1 || uses[inner.in[1]] != 1) continue;
    Item &first = net->items[inner.in[1]], &second = net->items[outer.in[1]];
    const bool taps = first.kind == ItemKind::kTaps && second.kind == ItemKind::kTaps && inner.in[1] != outer.in[1];
    if (!taps || first.border.empty() || second.border.empty()) continue;
    if (first.border_scales || second.border_scales) continue;
    if (first.border_pattern.size() != second.border_pattern.size()) continue;
    const int32_t channels = second.channels, sets = static_cast<int32_t>(second.border.size()) / channels;
    Vec<int32_t> pairs, pattern;
    Vec<float> border;
    for (size_t row = 0; row < first.border_pattern.size(); row++) {
      const int32_t pair = first.border_pattern[row] * sets + second.border_pattern[row];
      size_t k = 0;
      while (k < pairs.size() && pairs[k] != pair) k++;
      pattern.push(static_cast<int32_t>(k));
      if (k < pairs.size()) continue;
      pairs.push(pair);
      for (int32_t c = 0; c < channels; c++)
        border.push(first.border[pair / sets * channels + c] + second.border[pair % sets * channels + c]);
    }
    second.border.swap(border);
    second.border_pattern.swap(pattern);
    first.border.clear(), first.border_pattern.clear();
  }
}

}  // namespace bvit
