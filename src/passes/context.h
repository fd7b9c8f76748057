// SPDX-License-Identifier: Apache-2.0
//
// What a pass is given, and the list of them all. Internal to passes/.
#pragma once

#include "passes/passes.h"

namespace es::passes {

struct Context {
  ir::Graph& graph;
  const Options& options;
  Report& report;
};

// Each returns how many rewrites it made. Shapes are inferred before and after.
int absorb_flatten(Context& context);
int clean_activations(Context& context);
int fold_affine(Context& context);
int fold_constants(Context& context);
int free_batch(Context& context);
int fuse_pad(Context& context);
int fuse_upsample(Context& context);
int interleave_signal(Context& context);
int join_levels(Context& context);
int layout(Context& context);
int match_opset(Context& context);
int merge_duplicates(Context& context);
int name_values(Context& context);
int orient_lines(Context& context);
int pixel_matrix_dense(Context& context);
int pool_globally(Context& context);
int remove_dead(Context& context);
int remove_identities(Context& context);
int simplify_movement(Context& context);

}  // namespace es::passes
