// SPDX-License-Identifier: Apache-2.0
//
// An ONNX file as it stands, run by ONNX Runtime, with the values in front of a last Softmax (and any others asked for)
// as further outputs. Its bytes are not rewritten: what is run is what was written.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "backend/session.h"
#include "ir/graph.h"
#include "reference/array.h"

namespace es::verify {

class Network {
 public:
  // `onnx` must outlive it. Throws what the reader and the runtime throw.
  Network(BytesView onnx, const std::string& name);

  const TensorSpec& input() const { return session_->inputs()[0]; }
  size_t output_count() const { return outputs_; }
  std::string output_name(size_t i) const { return session_->outputs()[i].name; }
  // Whether output `i` is a Softmax of the network's own.
  bool has_logits(size_t i) const { return logits_.contains(i); }

  // `rows` of input(), its outermost dimension theirs. Answers have the network's own layout; output `i` by its logits
  // where `as_logits[i]`.
  std::vector<reference::Array> run(const reference::Array& rows, const std::vector<bool>& as_logits) const;

  // The values that nodes named `prefix` or "prefix/..." make last, or that are called by the other name; nothing where
  // there are none. Keys are places in `prefixes`. A converter that keeps names may give an operator's to the value in
  // front of its activation: then what is behind that is the second candidate.
  std::map<size_t, std::vector<reference::Array>> values(const reference::Array& rows,
                                                         const std::vector<std::string>& prefixes,
                                                         const std::vector<std::string>& names) const;

 private:
  std::vector<std::string> candidates(const std::string& name) const;

  BytesView bytes_;
  std::string name_;
  ir::Graph graph_;
  size_t outputs_ = 0;
  std::map<size_t, size_t> logits_;  // output -> place of its logits among the session's outputs
  std::unique_ptr<backend::Session> session_;
};

}  // namespace es::verify
