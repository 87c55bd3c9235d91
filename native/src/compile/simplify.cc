#include "compile/rewrites.h"

namespace bvit {

void simplify(Net* net) {
  fold(net);
  regroup_sums(net);
  find_addends(net);
  share_affines(net);
  join_borders(net);
}

}  // namespace bvit
