// The matrix products that attention is made of: two for each image and head.
#pragma once

#include "compile/view.h"

namespace bvit {

// Of one attention.
constexpr int32_t kMostProducts = 1 << 12;

// left (rows, inner) times right (columns, inner), transposed.
struct Product {
  int32_t node, inner;
  View left, right;
};

bool is_product(Op op);

// Adds the products that a node makes, of inputs with these views: one, or of a batch as many as there
// are, which are taken from `room`. False where they are too many, or more than products.
bool read_products(const Graph& graph, int32_t node, const View& left, const View& right, int64_t* room,
                   Vec<Product>* products);

// Signs, queries and keys of an attention, as all its products together tell of them.
struct AttentionSizes {
  int32_t images = 0, heads = 0, d = 0, channels = 0;
  int64_t rows = 0, keys = 0;  // of an image

  // From the number of products and all their rows, and the shape of q.
  bool read(int64_t products, int64_t all_rows, int64_t keys, const Shape& q);
  // Of signs (images, positions, heads, d) those of product `p`: one image and head.
  View head(int32_t signs, size_t p, int64_t positions, bool turned) const;
};

}  // namespace bvit
