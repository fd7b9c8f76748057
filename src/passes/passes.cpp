// SPDX-License-Identifier: Apache-2.0
#include "passes/passes.h"

#include <algorithm>
#include <chrono>

#include "base/error.h"
#include "base/text.h"
#include "ir/verify.h"
#include "passes/context.h"
#include "passes/edit.h"

namespace es::passes {
namespace {

struct Row {
  std::string_view name, summary;
  int (*run)(Context& context);
};

// The order is the program: constants first, so that every later pass sees numbers; the batch before the layout, whose
// Reshapes must hold at any batch; pads and pools once channels stand first; names and opset last.
constexpr Row rows[] = {
    {"fold_constants", "Compute what depends on constants only", fold_constants},
    {"remove_identities", "Take out nodes that change nothing", remove_identities},
    {"remove_dead", "Take out what leads to no output", remove_dead},
    {"merge_duplicates", "Equal constants and equal nodes stand once", merge_duplicates},
    {"fuse_upsample", "Pixels repeated by copies are a Resize", fuse_upsample},
    {"remove_dead", "Take out what leads to no output", remove_dead},
    {"free_batch", "Let the batch be any number", free_batch},
    {"pixel_matrix_dense", "Dense layers on every pixel become 1x1 convolutions", pixel_matrix_dense},
    {"layout", "Store images channels first with the fewest Transposes", layout},
    {"simplify_movement", "Write chains of Reshape and Transpose the shortest way", simplify_movement},
    {"absorb_flatten", "Permute dense weights instead of images in front of a flatten", absorb_flatten},
    {"interleave_signal", "A convolution reads the channels of a signal as they come", interleave_signal},
    {"join_levels", "The lists of a detector's feature maps are turned at once", join_levels},
    {"orient_lines", "Images of one line lie one way through the whole network", orient_lines},
    {"simplify_movement", "Write chains of Reshape and Transpose the shortest way", simplify_movement},
    {"fold_constants", "Compute what depends on constants only", fold_constants},
    {"remove_identities", "Take out nodes that change nothing", remove_identities},
    {"fold_affine", "Factors and offsets behind a convolution go into its weights", fold_affine},
    {"fuse_pad", "Pads become the padding of the convolution or pool behind them", fuse_pad},
    {"pool_globally", "A mean over the image is a global pool", pool_globally},
    {"clean_activations", "Chains of Relu and Clip are one", clean_activations},
    {"remove_dead", "Take out what leads to no output", remove_dead},
    {"merge_duplicates", "Equal constants and equal nodes stand once", merge_duplicates},
    {"remove_dead", "Take out what leads to no output", remove_dead},
    {"name_values", "Names that every tool takes", name_values},
    {"match_opset", "Write the forms of the opset asked for", match_opset},
};

const Row& row_named(std::string_view name) {
  for (const auto& row : rows) {
    if (row.name == name) return row;
  }
  std::vector<std::string_view> names;
  for (const auto& row : rows) names.push_back(row.name);
  const auto near = did_you_mean(name, names);
  fail(ErrorKind::usage, "there is no pass '", printable(name), "'", near ? "; did you mean '" + *near + "'?" : "");
}

EdgeLayout as_written(const ir::Graph& graph, ir::ValueId id) {
  const ir::Value& value = graph.value(id);
  EdgeLayout edge{value.name, value.shape.value_or(ir::Shape{}), {}, false};
  for (int axis = 0; axis < value.rank(); ++axis) edge.axes.push_back(axis);
  return edge;
}

void describe_edges(const ir::Graph& graph, Report& report) {
  for (const auto id : graph.inputs()) report.inputs.push_back(as_written(graph, id));
  for (const auto id : graph.outputs()) report.outputs.push_back(as_written(graph, id));
}

void describe_transposes(const ir::Graph& graph, Report& report) {
  for (const auto id : graph.nodes()) {
    const ir::Node& node = graph.node(id);
    if (node.op_type != "Transpose") continue;
    const ir::Value& value = graph.value(node.outputs[0]);
    const auto& uses = graph.uses(node.outputs[0]);
    const std::string reader =
        uses.empty() ? std::string("an output of the network") : graph.node(uses.front().node).describe();
    report.transposes.push_back({value.name, value.shape ? text(*value.shape) : std::string("?"), perm_of(graph, id),
                                 text("read by ", reader, ", which needs this order of axes")});
  }
}

int run_row(const Row& row, Context& context) {
  const auto start = std::chrono::steady_clock::now();
  const int changes = row.run(context);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  context.report.passes.push_back({std::string(row.name), changes, seconds.count()});
  if (context.options.verify && row.run != match_opset) ir::verify(context.graph, row.name);
  return changes;
}

}  // namespace

Report run(ir::Graph& graph, const Options& options) {
  require(options.opset >= 11 && options.opset <= 21, ErrorKind::usage, "opset ", options.opset,
          " is not one of 11 to 21");
  for (const auto& name : options.skip) row_named(name);
  Report report;
  infer_all(graph);
  describe_edges(graph, report);
  Context context{graph, options, report};
  for (const auto& row : rows) {
    const bool skipped = std::find(options.skip.begin(), options.skip.end(), row.name) != options.skip.end();
    if (!skipped) run_row(row, context);
  }
  describe_transposes(graph, report);
  return report;
}

int run_one(std::string_view name, ir::Graph& graph, const Options& options, Report& report) {
  const Row& row = row_named(name);
  infer_all(graph);
  if (report.inputs.empty() && report.outputs.empty()) describe_edges(graph, report);
  Context context{graph, options, report};
  return run_row(row, context);
}

std::vector<PassInfo> list() {
  std::vector<PassInfo> infos;
  for (const auto& row : rows) infos.push_back({row.name, row.summary});
  return infos;
}

}  // namespace es::passes
