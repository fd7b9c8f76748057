// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/models.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "edge_impulse/c_array.h"
#include "edge_impulse/refusals.h"
#include "edge_impulse/sniff.h"

namespace es::edge_impulse {
namespace {

using enum ProblemRank;

bool is_model(FileKind kind) { return kind == FileKind::tflite || kind == FileKind::onnx; }

std::string stem_of(std::string_view name) {
  const auto base = base_name(name);
  return std::string(base.substr(0, base.find_last_of('.')));
}

void add_model(std::string name, Bytes bytes, FileKind kind, std::string found_in, FoundModels& found) {
  const auto same = std::ranges::find_if(found.models, [&](const ModelFile& model) { return model.bytes == bytes; });
  if (same != found.models.end() && same->name == name) return;
  found.models.push_back({std::move(name), kind == FileKind::tflite ? ModelFormat::tflite : ModelFormat::onnx,
                          std::move(bytes), std::move(found_in)});
}

// The counts that the text gives beside the list; an honest one gives the same number.
void check_counts(const CArray& array, const std::string& where) {
  const auto at =
      text(where, ":", array.line, ": the array '", printable(array.name), "' holds ", array.bytes.size(), " bytes, ");
  constexpr std::string_view advice = "; the text was cut or edited, export it again";
  require(!array.declared_size || *array.declared_size == array.bytes.size(), ErrorKind::malformed, at,
          "its brackets say ", array.declared_size.value_or(0), advice);
  require(!array.declared_length || *array.declared_length == array.bytes.size(), ErrorKind::malformed, at,
          printable(array.name), "_len says ", array.declared_length.value_or(0), advice);
}

void add_array(CArray array, const std::string& where, FoundModels& found) {
  const auto kind = sniff(array.bytes);
  if (kind == FileKind::empty) {
    found.problems.push_back(
        {empty_array, array.name, refusal_error(Refusal::empty_array, where, printable(array.name))});
    return;
  }
  if (!is_model(kind)) return;
  try {
    check_counts(array, where);
    add_model(array.name, std::move(array.bytes), kind, where, found);
  } catch (const Error& error) {
    found.problems.push_back({damaged, array.name, error});
  }
}

void add_incbin(const Incbin& incbin, const std::string& where, const IncludedFiles& included, FoundModels& found) {
  auto file = included.find(base_name(incbin.path));
  if (file.where.empty()) {
    found.problems.push_back(
        {missing_include, incbin.name,
         Error(ErrorKind::unreadable, text(where, ": includes '", printable(base_name(incbin.path)),
                                           "', which is missing from this export (such files are often git-ignored); "
                                           "put it beside the header, or give the zip as Studio built it"))});
    return;
  }
  const auto kind = sniff(file.bytes);
  if (is_model(kind)) {
    add_model(incbin.name, std::move(file.bytes), kind, std::move(file.where), found);
  } else {
    const auto refusal = refusal_for(kind, file.where);
    const ProblemRank rank = refusal == Refusal::git_lfs_pointer ? lfs_pointer : other_kind;
    found.problems.push_back({rank, incbin.name, refusal_error(refusal, file.where, "its bytes are of another kind")});
  }
}

std::string arrays_seen(const CArrays& scan) {
  if (scan.arrays.empty()) return "no array of bytes is in it";
  const auto& first = scan.arrays.front();
  const std::string others = scan.arrays.size() > 1 ? text(" and ", scan.arrays.size() - 1, " more") : "";
  return text("'", printable(first.name), "'", others, scan.arrays.size() > 1 ? " are" : " is", " something else");
}

// The files of a tree by the last part of their names, nearest to a header first.
class IncludedInTree final : public IncludedFiles {
 public:
  IncludedInTree(const FileTree& tree, std::string_view header, std::string_view root, const std::string& where)
      : tree_(tree), beside_(folder_name(header)), root_(root), where_(where) {}

  File find(std::string_view name) const override {
    const auto& entries = tree_.entries();
    size_t best = entries.size();
    int best_distance = 3;
    for (size_t i = 0; i < entries.size(); ++i) {
      if (base_name(entries[i].name) != name || distance(entries[i].name) >= best_distance) continue;
      best = i;
      best_distance = distance(entries[i].name);
    }
    if (best == entries.size()) return {};
    return {where_ + ": " + printable(entries[best].name), tree_.read(best)};
  }

 private:
  int distance(std::string_view name) const {
    const auto folder = folder_name(name);
    if (folder == beside_) return 0;
    if (folder == root_) return 1;
    const bool below = root_.empty() || (folder.starts_with(root_) && folder.substr(root_.size()).starts_with('/'));
    return below ? 2 : 3;
  }

  const FileTree& tree_;
  std::string_view beside_, root_;
  const std::string& where_;
};

// By the first bytes. An ONNX file whose graph stands far behind is only known whole, so its ending is believed.
bool may_be_model(const FileTree& tree, size_t index) {
  const auto kind = sniff(tree.read_start(index, sniff_length));
  return is_model(kind) || kind == FileKind::git_lfs_pointer || tree.entries()[index].name.ends_with(".onnx");
}

}  // namespace

const Error* FoundModels::best_problem(ProblemRank last) const {
  const auto best = std::ranges::min_element(problems, {}, &Problem::rank);
  return best == problems.end() || best->rank > last ? nullptr : &best->error;
}

Fact<std::string> name_from_stem(std::string stem) {
  if (stem.starts_with("ei-")) stem.erase(0, 3);
  return stem.empty() ? Fact<std::string>() : Fact<std::string>(stem, "the name of the file");
}

bool is_eon_source(std::string_view name) {
  const auto base = base_name(name);
  return base.find("_compiled") != std::string_view::npos && (base.ends_with(".cpp") || base.ends_with(".h"));
}

bool may_hold_array(std::string_view name) {
  constexpr std::array endings = {".h", ".hpp", ".c", ".cc", ".cpp"};
  return std::ranges::any_of(endings, [&](std::string_view ending) { return name.ends_with(ending); });
}

void add_models_in_text(std::string_view text, const std::string& where, const IncludedFiles& included,
                        FoundModels& found) {
  const size_t models = found.models.size(), problems = found.problems.size();
  auto scan = scan_c_arrays(text);
  const auto seen = arrays_seen(scan);
  for (auto& array : scan.arrays) add_array(std::move(array), where, found);
  for (const auto& incbin : scan.incbins) add_incbin(incbin, where, included, found);
  if (found.models.size() > models || found.problems.size() > problems) return;
  if (const auto signs = eon_signs(text)) {
    found.problems.push_back({eon, {}, refusal_error(Refusal::eon, where, *signs)});
  } else {
    found.problems.push_back({text_without_model, {}, refusal_error(Refusal::no_model_in_text, where, seen)});
  }
}

void add_model_file(Bytes bytes, std::string_view name, const std::string& where, FoundModels& found) {
  const auto kind = sniff(bytes);
  if (is_model(kind)) {
    add_model(stem_of(name), std::move(bytes), kind, where, found);
  } else if (kind == FileKind::git_lfs_pointer) {
    found.problems.push_back({lfs_pointer, stem_of(name), refusal_error(Refusal::git_lfs_pointer, where)});
  }
}

FoundModels find_models(const FileTree& tree, std::string_view folder, std::string_view root,
                        const std::string& where) {
  FoundModels found;
  const std::string prefix = folder.empty() ? "" : std::string(folder) + "/";
  const auto& entries = tree.entries();
  for (size_t i = 0; i < entries.size(); ++i) {
    const auto& name = entries[i].name;
    if (!name.starts_with(prefix)) continue;
    const auto place = where + ": " + printable(name);
    if (const auto refusal = refusal_for_entry(name)) {
      found.problems.push_back({other_kind, {}, refusal_error(*refusal, place, base_name(name))});
    } else if (is_eon_source(name)) {
      found.problems.push_back({eon, {}, refusal_error(Refusal::eon, place, "its name says _compiled")});
    } else if (may_hold_array(name)) {
      const Bytes text = tree.read(i);
      add_models_in_text(as_text(text), place, IncludedInTree(tree, name, root, where), found);
    } else if (may_be_model(tree, i)) {
      add_model_file(tree.read(i), name, place, found);
    }
  }
  return found;
}

}  // namespace es::edge_impulse
