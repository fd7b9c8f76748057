// SPDX-License-Identifier: Apache-2.0
//
// Choices that nvinfer has no key for. They travel in its key (and element property) dynamic-properties, pairs that
// DeepStream stores and never looks at, so a file with them stays a file of DeepStream:
//
//   dynamic-properties=edgestream-provider=cuda;edgestream-batch=whole
//
//   edgestream-provider           cpu (default), cuda, tensorrt
//   edgestream-batch              items: each region is a job of its own (default on cpu); whole: up to batch-size
//   regions
//                                 are computed together (default on a GPU)
//   edgestream-workers            threads, shared by every network of the process; default: as many as cores
//   edgestream-intra-op-threads   threads inside one run; default 1
#pragma once

#include <string>

#include "infer/infer.h"

namespace es::infer {

// Every choice made.
struct Choices {
  backend::Provider provider = backend::Provider::cpu;
  bool real_batches = false;
  int intra_op_threads = 1;
  int workers = 1;
};

// Pairs with other names are not ours and ignored. Throws usage for an unknown edgestream- name or an unfit value.
Choices choose(const std::string& dynamic_properties, const Options& options);

}  // namespace es::infer
