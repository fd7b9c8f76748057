// SPDX-License-Identifier: Apache-2.0
//
// FULLY_CONNECTED, BATCH_MATMUL.
#include "reference/call.h"

namespace es::reference {
namespace {

void fully_connected(Call& call) {
  const auto o = call.options<tflite::FullyConnectedOptions>();
  const auto &x = call.in(0), &w = call.in(1);  // w: [units, in]
  call.check(w.shape.size() == 2 && w.shape[1] > 0, "its weight has not the axes [units, in]");
  const int64_t units = w.shape[0], in = w.shape[1];
  call.check(static_cast<int64_t>(x.values.size()) % in == 0, "its input is no whole number of rows");
  const int64_t rows = static_cast<int64_t>(x.values.size()) / in;
  const auto bias = call.bias(2, 0, 1);
  call.check(bias.empty() || static_cast<int64_t>(bias.size()) == units, "its bias has other units");
  Dims shape{rows, units};
  if (o.keep_num_dims) {
    shape = x.shape;
    shape.back() = units;
  }
  auto y = call.make(shape);
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t unit = 0; unit < units; ++unit) {
      const double* of_row = x.values.data() + row * in;
      const double* of_unit = w.values.data() + unit * in;
      double sum = bias.empty() ? 0 : bias[static_cast<size_t>(unit)];
      for (int64_t i = 0; i < in; ++i) sum += of_row[i] * of_unit[i];
      y.values[static_cast<size_t>(row * units + unit)] = sum;
    }
  }
  call.activate(y, o.fused_activation_function);
  call.give(std::move(y));
}

// The element of a stack of matrices, of which one may be written transposed.
double element(const Array& stack, Index batch, int64_t row, int64_t column, bool transposed) {
  batch.push_back(transposed ? column : row);
  batch.push_back(transposed ? row : column);
  return broadcast_at(stack, batch);
}

void batch_matmul(Call& call) {
  const auto o = call.options<tflite::BatchMatMulOptions>();
  const auto &x = call.in(0), &y = call.in(1);
  call.check(x.shape.size() >= 2 && y.shape.size() >= 2, "its matrices have less than 2 axes");
  const auto batch_of = [](const Array& a) { return Dims(a.shape.begin(), a.shape.end() - 2); };
  const auto dim = [](const Array& a, bool last, bool transposed) {
    return a.shape[a.shape.size() - (last != transposed ? 1 : 2)];
  };
  Dims shape = broadcast(batch_of(x), batch_of(y));
  shape.push_back(dim(x, false, o.adj_x));
  shape.push_back(dim(y, true, o.adj_y));
  const int64_t inner = dim(x, true, o.adj_x);
  call.check(inner == dim(y, false, o.adj_y), "its matrices do not fit");
  auto z = call.make(shape);
  for_each(shape, [&](const Index& index) {
    const Index batch(index.begin(), index.end() - 2);
    const int64_t row = index[index.size() - 2], column = index.back();
    for (int64_t i = 0; i < inner; ++i) {
      at(z, index) += element(x, batch, row, i, o.adj_x) * element(y, batch, i, column, o.adj_y);
    }
  });
  call.give(std::move(z));
}

constexpr Row rows[] = {{"FULLY_CONNECTED", fully_connected}, {"BATCH_MATMUL", batch_matmul}};

}  // namespace

std::span<const Row> matrix_rows() { return rows; }

}  // namespace es::reference
