// SPDX-License-Identifier: Apache-2.0
//
// MATRIX_DIAG, MATRIX_SET_DIAG, DYNAMIC_UPDATE_SLICE, SEGMENT_SUM, UNSORTED_SEGMENT_*: tensors put together from parts
// at places that are known beforehand.
#include <algorithm>
#include <limits>

#include "translate/op.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

// True on the diagonal of [rows, columns].
ValueId diagonal_mask(Op& op, int64_t rows, int64_t columns) {
  op.check_list_size(rows * columns);
  std::vector<uint8_t> mask(static_cast<size_t>(rows * columns), 0);
  for (int64_t i = 0; i < std::min(rows, columns); ++i) mask[static_cast<size_t>(i * columns + i)] = 1;
  return op.add_constant(ir::TensorData::of(ir::DType::boolean, {rows, columns}, mask));
}

// [..., n] -> [..., n, n]
void matrix_diag(Op& op) {
  const auto x = op.input(0);
  const auto dims = op.shape(x);
  op.check(!dims.empty(), "its input has no axis");
  const auto mask = diagonal_mask(op, dims.back(), dims.back());
  op.output(0, op.emit("Where", {mask, op.unsqueeze(x, {op.rank(x)}), op.scalar(0, op.dtype(x))}));
}

// The diagonal of [..., m, n] replaced by [..., min(m, n)].
void matrix_set_diag(Op& op) {
  const auto x = op.input(0), diagonal = op.input(1);
  const auto dims = op.shape(x);
  op.check(dims.size() >= 2, "its input is ", dims_text(dims), ", a matrix is needed");
  const int64_t rows = dims[dims.size() - 2], columns = dims.back();
  op.check(op.shape(diagonal).size() + 1 == dims.size() && op.shape(diagonal).back() == std::min(rows, columns),
           "its diagonal is ", dims_text(op.shape(diagonal)), ", the matrix ", dims_text(dims));
  // Beside each row, or above each column: whichever is as long as the diagonal.
  const auto beside = op.unsqueeze(diagonal, {rows <= columns ? op.rank(x) - 1 : op.rank(x) - 2});
  op.output(0, op.emit("Where", {diagonal_mask(op, rows, columns), beside, x}));
}

// A part written over a constant place, which is moved so that the part fits.
void dynamic_update_slice(Op& op) {
  const auto x = op.input(0), part = op.input(1);
  const auto dims = op.shape(x), sizes = op.shape(part);
  auto start = op.constant_ints(2, "its place");
  op.check(start.size() == dims.size() && sizes.size() == dims.size(), "its place has ", start.size(), " numbers for ",
           dims.size(), " axes");
  Ints before, after;
  for (size_t axis = 0; axis < dims.size(); ++axis) {
    op.check(sizes[axis] <= dims[axis], "its part is ", dims_text(sizes), ", the whole ", dims_text(dims));
    before.push_back(std::clamp<int64_t>(start[axis], 0, dims[axis] - sizes[axis]));
    after.push_back(dims[axis] - sizes[axis] - before.back());
  }
  // The axes one after the other, from the last: [head, part, tail] of what lies around the part so far.
  auto y = part;
  for (size_t axis = dims.size(); axis-- > 0;) {
    // What stands around the part in this axis, cut out of the whole in the axes before it.
    std::vector<ValueId> parts;
    const auto cut = [&](int64_t begin, int64_t end) {
      Ints begins(before.begin(), before.begin() + static_cast<std::ptrdiff_t>(axis)), ends, axes;
      for (size_t i = 0; i < axis; ++i) ends.push_back(before[i] + sizes[i]);
      begins.push_back(begin);
      ends.push_back(end);
      for (size_t i = 0; i <= axis; ++i) axes.push_back(static_cast<int64_t>(i));
      return op.emit("Slice", {x, op.ints(begins), op.ints(ends), op.ints(axes)});
    };
    if (before[axis] > 0) parts.push_back(cut(0, before[axis]));
    parts.push_back(y);
    if (after[axis] > 0) parts.push_back(cut(before[axis] + sizes[axis], dims[axis]));
    if (parts.size() > 1) y = op.emit("Concat", parts, {{"axis", static_cast<int64_t>(axis)}});
  }
  op.output(0, y);
}

// --- segments: rows of the first axis by the number that a constant list gives each

struct Segments {
  ValueId rows;               // [n, ...]
  std::vector<Ints> members;  // of each segment
  Ints row_dims;              // without the first axis
};

Segments segments_of(Op& op, int64_t count) {
  const auto x = op.input(0);
  const auto dims = op.shape(x);
  const auto ids = op.constant_ints(1, "its segments");
  op.check(!dims.empty() && ids.size() == static_cast<size_t>(dims[0]), "it has ", ids.size(), " segment numbers for ",
           dims_text(dims));
  if (count < 0) count = ids.empty() ? 0 : *std::max_element(ids.begin(), ids.end()) + 1;
  constexpr int64_t most = 4096;
  if (count > most) op.refuse("it has ", count, " segments, ", most, " is the most that is written out");
  Segments segments{
      x, std::vector<Ints>(static_cast<size_t>(std::max<int64_t>(count, 0))), {dims.begin() + 1, dims.end()}};
  for (size_t i = 0; i < ids.size(); ++i) {
    // Negative numbers belong to no segment.
    if (ids[i] < 0) continue;
    op.check(ids[i] < count, "row ", i, " belongs to segment ", ids[i], " of ", count);
    segments.members[static_cast<size_t>(ids[i])].push_back(static_cast<int64_t>(i));
  }
  return segments;
}

ValueId filled(Op& op, const Ints& dims, double value, ir::DType dtype) {
  return op.emit("Expand", {op.scalar(value, dtype), op.ints(dims)});
}

void combine(Op& op, const Segments& segments, std::string_view reduction, double of_none) {
  op.check(!segments.members.empty(), "it has no segment");
  std::vector<ValueId> results;
  Ints one_row{1};
  one_row.insert(one_row.end(), segments.row_dims.begin(), segments.row_dims.end());
  for (const auto& members : segments.members) {
    if (members.empty()) {
      results.push_back(filled(op, one_row, of_none, op.dtype(segments.rows)));
      continue;
    }
    const auto rows = op.emit("Gather", {segments.rows, op.ints(members)}, {{"axis", int64_t{0}}});
    results.push_back(members.size() == 1 ? rows : op.reduce(reduction, rows, {0}, true));
  }
  op.output(0, results.size() == 1 ? results[0] : op.emit("Concat", results, {{"axis", int64_t{0}}}));
}

void segment_sum(Op& op) { combine(op, segments_of(op, -1), "ReduceSum", 0); }

int64_t segment_count(Op& op) {
  const auto count = op.constant_ints(2, "its number of segments");
  op.check(count.size() == 1 && count[0] >= 0, "its number of segments is no single number");
  return count[0];
}

bool is_integer_input(Op& op) { return ir::is_integer(op.dtype(op.input(0))); }

void unsorted_segment_sum(Op& op) { combine(op, segments_of(op, segment_count(op)), "ReduceSum", 0); }
void unsorted_segment_prod(Op& op) { combine(op, segments_of(op, segment_count(op)), "ReduceProd", 1); }
void unsorted_segment_max(Op& op) {
  const double least = is_integer_input(op) ? static_cast<double>(std::numeric_limits<int32_t>::min())
                                            : static_cast<double>(std::numeric_limits<float>::lowest());
  combine(op, segments_of(op, segment_count(op)), "ReduceMax", least);
}
void unsorted_segment_min(Op& op) {
  const double most = is_integer_input(op) ? static_cast<double>(std::numeric_limits<int32_t>::max())
                                           : static_cast<double>(std::numeric_limits<float>::max());
  combine(op, segments_of(op, segment_count(op)), "ReduceMin", most);
}

}  // namespace

void register_assemble(OpTable& table) {
  table.add("MATRIX_DIAG", {1, 1}, matrix_diag, "Unsqueeze, Where");
  table.add("MATRIX_SET_DIAG", {1, 1}, matrix_set_diag, "Unsqueeze, Where");
  table.add("DYNAMIC_UPDATE_SLICE", {1, 4}, dynamic_update_slice, "Slice, Concat");
  table.add("SEGMENT_SUM", {1, 1}, segment_sum, "Gather, ReduceSum, Concat, Expand");
  table.add("UNSORTED_SEGMENT_SUM", {1, 1}, unsorted_segment_sum, "Gather, ReduceSum, Concat, Expand");
  table.add("UNSORTED_SEGMENT_PROD", {1, 1}, unsorted_segment_prod, "Gather, ReduceProd, Concat, Expand");
  table.add("UNSORTED_SEGMENT_MAX", {1, 1}, unsorted_segment_max, "Gather, ReduceMax, Concat, Expand");
  table.add("UNSORTED_SEGMENT_MIN", {1, 1}, unsorted_segment_min, "Gather, ReduceMin, Concat, Expand");
}

}  // namespace es::translate
