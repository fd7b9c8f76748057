// SPDX-License-Identifier: Apache-2.0
//
// A whole export as a tree: where its roots are, which impulse is meant, which network belongs to it.
#pragma once

#include <string>
#include <string_view>

#include "edge_impulse/import.h"
#include "edge_impulse/tree.h"

namespace es::edge_impulse {

// What a message calls the tree, and what an Import's container says behind its kind.
struct TreeName {
  std::string path;     // "exports/candy.zip"
  std::string packing;  // "zip" or "folder"
};

// `only_file`: the base name of the one file of tflite-model that is meant; empty for the impulse's own.
Import open_tree(const FileTree& tree, const TreeName& name, const OpenOptions& options,
                 std::string_view only_file = {});

std::vector<ModelFile> extract_from_tree(const FileTree& tree, const TreeName& name);

// The folders that hold model-parameters/model_metadata.h, "" for the top, in the order of their names.
std::vector<std::string> export_roots(const FileTree& tree);

}  // namespace es::edge_impulse
