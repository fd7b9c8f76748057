// SPDX-License-Identifier: Apache-2.0
//
// Finds networks in files: arrays decoded, INCBIN paths followed within the export, binaries taken as they stand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "edge_impulse/import.h"
#include "edge_impulse/tree.h"

namespace es::edge_impulse {

// In the order in which they are worth telling where nothing could be imported.
enum class ProblemRank { damaged, missing_include, lfs_pointer, eon, empty_array, other_kind, text_without_model };

// Something that could have been a network, and what to say if nothing better is found.
struct Problem {
  ProblemRank rank;
  std::string symbol;  // the array's or INCBIN's, where it has one
  Error error;
};

struct FoundModels {
  std::vector<ModelFile> models;  // equal bytes once, except that every symbol keeps its own
  std::vector<Problem> problems;

  // The problem to report where no model will do; null where there is none up to `last`.
  const Error* best_problem(ProblemRank last = ProblemRank::text_without_model) const;
};

// Adds what one text holds. `resolve` answers the bytes of the file that an INCBIN names by its last path component,
// and throws where there is none.
class IncludedFiles {
 public:
  virtual ~IncludedFiles() = default;
  struct File {
    std::string where;
    Bytes bytes;
  };
  // Empty `where`: not found.
  virtual File find(std::string_view base_name) const = 0;
};
void add_models_in_text(std::string_view text, const std::string& where, const IncludedFiles& included,
                        FoundModels& found);

// Adds a binary: a model, or the problem that it is none.
void add_model_file(Bytes bytes, std::string_view name, const std::string& where, FoundModels& found);

// All networks of the tree below `folder` ("" for the whole tree). `root` is where INCBIN paths start from.
FoundModels find_models(const FileTree& tree, std::string_view folder, std::string_view root, const std::string& where);

// A project's name after its file (without the ending), where nothing better is known. Dashboard downloads are called
// ei-<project>-<block>-<format>-model[.<id>].<ending>.
Fact<std::string> name_from_stem(std::string stem);

// True for C text by its ending, outputs of the EON Compiler left out.
bool may_hold_array(std::string_view name);
bool is_eon_source(std::string_view name);

}  // namespace es::edge_impulse
