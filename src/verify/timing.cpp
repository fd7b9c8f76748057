// SPDX-License-Identifier: Apache-2.0
#include "verify/timing.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <vector>

#include "backend/session.h"

namespace es::verify {
namespace {

// A network with an input of its own that never changes.
class Runner {
 public:
  explicit Runner(BytesView onnx) : session_(backend::open_session(onnx, {})) {
    for (const auto& spec : session_->inputs()) {
      auto shape = spec.shape;
      for (size_t axis = 0; axis < shape.rank(); ++axis) shape[axis] = std::max<int64_t>(shape[axis], 1);
      inputs_.emplace_back(shape, DType::f32);
      for (size_t i = 0; i < inputs_.back().floats().size(); ++i) {
        inputs_.back().floats()[i] = static_cast<float>(i % 251) / 250;
      }
    }
    for (const auto& input : inputs_) views_.push_back(input.view());
  }

  double milliseconds() {
    const auto start = std::chrono::steady_clock::now();
    session_->run(views_, outputs_);
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

 private:
  std::unique_ptr<backend::Session> session_;
  std::vector<Tensor> inputs_, outputs_;
  std::vector<TensorView> views_;
};

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

Timing time_beside(BytesView first, BytesView second, int rounds) {
  Runner a(first), b(second);
  a.milliseconds(), b.milliseconds();  // the first run prepares
  std::vector<double> of_a, of_b;
  for (int round = 0; round < std::max(rounds, 1); ++round) {
    of_a.push_back(a.milliseconds());
    of_b.push_back(b.milliseconds());
  }
  return {median(of_a), median(of_b)};
}

}  // namespace es::verify
