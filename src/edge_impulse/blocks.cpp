// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/blocks.h"

#include <algorithm>

namespace es::edge_impulse {
namespace {

// Tables are read to this length; an impulse has one to five blocks.
constexpr size_t most_rows = 64;

std::span<const Element> rows_of(const Place& table) {
  if (!table) return {};
  const std::span<const Element> all(table.variable->value.elements);
  return all.first(std::min(all.size(), most_rows));
}

class BlockFinder {
 public:
  BlockFinder(const Headers& headers, Place impulse) : headers_(headers), impulse_(impulse) {}

  Blocks run() {
    out_.dsp_table = table("dsp_blocks", "ei_dsp_blocks");
    for (const auto& row : rows_of(out_.dsp_table)) add_dsp(row.value);
    out_.learning_table = table("learning_blocks", "ei_learning_blocks");
    for (const auto& row : rows_of(out_.learning_table)) add_learning(row.value);
    out_.postprocessing_table = table("postprocessing_blocks", "ei_postprocessing_blocks");
    for (const auto& row : rows_of(out_.postprocessing_table)) add_postprocessing(row.value);
    return std::move(out_);
  }

 private:
  // The table that a field of the impulse points to; without such a field, the one with the well-known name.
  Place table(std::string_view field, std::string_view prefix) const {
    const auto* value = headers_.field(impulse_, field);
    return value ? headers_.referred(*value, impulse_) : headers_.with_prefix(prefix, impulse_);
  }

  std::string_view function_of(const Initialiser& row) const {
    const auto cell = std::ranges::find_if(row.elements, [](const Element& e) { return is_function(e.value); });
    return cell == row.elements.end() ? std::string_view() : last_word(cell->value);
  }

  Place config_of(const Initialiser& row, const Place& table) const {
    const auto cell = std::ranges::find_if(row.elements, [](const Element& e) { return is_pointer_cast(e.value); });
    return cell == row.elements.end() ? Place() : headers_.referred(cell->value, table);
  }

  void add_dsp(const Initialiser& row) {
    const DspBlock block{function_of(row), config_of(row, out_.dsp_table)};
    if (!block.function.empty()) out_.dsp.push_back(block);
  }

  void add_learning(const Initialiser& row) {
    LearningBlock block{function_of(row), config_of(row, out_.learning_table), {}};
    for (const auto& cell : row.elements) {
      const auto word = last_word(cell.value);
      if (word.starts_with("EI_CLASSIFIER_IMAGE_SCALING_")) block.scaling = word;
    }
    if (block.function.empty()) return;
    out_.learning.push_back(block);
    if (!out_.network && block.function == "run_nn_inference") out_.network = block;
  }

  // Tracking, counting and calibration work on the results of another row, K-means on no network at all.
  void add_postprocessing(const Initialiser& row) {
    const auto* named = headers_.field(row, "postprocess_fn");
    const auto function = named ? last_word(*named) : std::string_view();
    if (function.starts_with("process_object_")) out_.tracking = function;
    if (out_.decoder || !head_of_decoder(function) || decodes_other_block(row)) return;
    const auto* mode = headers_.field(row, "type");
    const auto* config = headers_.field(row, "config");
    out_.decoder = Decoder{function, mode ? last_word(*mode) : std::string_view(),
                           config ? headers_.referred(*config, out_.postprocessing_table) : Place()};
  }

  bool decodes_other_block(const Initialiser& row) const {
    if (!out_.network) return false;
    const auto input = headers_.number(headers_.field(row, "input_block_id"));
    const auto own = headers_.number(headers_.field(out_.network->config, "block_id"));
    return input && own && *input != *own;
  }

  const Headers& headers_;
  Place impulse_;
  Blocks out_;
};

}  // namespace

Blocks find_blocks(const Headers& headers, Place impulse) { return BlockFinder(headers, impulse).run(); }

}  // namespace es::edge_impulse
