// SPDX-License-Identifier: Apache-2.0
//
// Which door a path goes through, by its content.
#include "edge_impulse/import.h"

#include <algorithm>
#include <array>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"
#include "edge_impulse/export.h"
#include "edge_impulse/models.h"
#include "edge_impulse/refusals.h"
#include "edge_impulse/sniff.h"
#include "edge_impulse/tree.h"

namespace es::edge_impulse {
namespace {

namespace fs = std::filesystem;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

bool is_folder(const fs::path& path) {
  std::error_code ignored;
  return fs::is_directory(path, ignored);
}

// The folder of the export that a file of its tflite-model folder belongs to; empty where there is none.
fs::path export_around(const fs::path& file) {
  std::error_code ignored;
  const auto folder = fs::absolute(file, ignored).parent_path();
  if (ignored || folder.filename() != "tflite-model") return {};
  return is_file(folder.parent_path() / "model-parameters" / "model_metadata.h") ? folder.parent_path() : fs::path();
}

std::string hexadecimal(BytesView bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const uint8_t byte : bytes) {
    if (!out.empty()) out += ' ';
    out += {digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

// For a header alone: beside it, then in the folder that INCBIN paths start from, then anywhere below that.
class IncludedOnDisk final : public IncludedFiles {
 public:
  explicit IncludedOnDisk(const fs::path& header) : beside_(fs::absolute(header).parent_path()) {}

  File find(std::string_view base) const override {
    const fs::path name(base);
    const fs::path root = beside_.filename() == "tflite-model" ? beside_.parent_path() : beside_;
    for (const auto& folder : {beside_, root}) {
      if (is_file(folder / name)) return {(folder / name).string(), read_file(folder / name)};
    }
    return below(root, base);
  }

 private:
  // A folder too large to be an export's has not got it.
  static File below(const fs::path& root, std::string_view base) {
    try {
      const auto tree = open_folder(root);
      const auto& entries = tree->entries();
      const auto found = std::ranges::find_if(entries, [&](const TreeEntry& e) { return base_name(e.name) == base; });
      if (found == entries.end()) return {};
      return {(root / found->name).string(), tree->read(static_cast<size_t>(found - entries.begin()))};
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::usage) throw;
      return {};
    }
  }

  fs::path beside_;
};

// What one file holds that is neither a zip nor a folder.
FoundModels find_in_file(const fs::path& path, Bytes content) {
  FoundModels found;
  const auto kind = sniff(content);
  const std::string where = path.string();
  if (kind == FileKind::text) {
    const auto refusal = refusal_for_entry(where);
    if (refusal) refuse(*refusal, where, path.filename().string());
    add_models_in_text(as_text(content), where, IncludedOnDisk(path), found);
  } else if (kind == FileKind::tflite || kind == FileKind::onnx) {
    add_model_file(std::move(content), path.filename().string(), where, found);
  } else {
    const auto start = BytesView(content).first(std::min<size_t>(content.size(), 8));
    const auto refusal = refusal_for(kind, where);
    refuse(
        refusal, where,
        refusal == Refusal::not_a_model ? "it begins with the bytes " + hexadecimal(start) : path.filename().string());
  }
  return found;
}

std::string names_of(const std::vector<ModelFile>& models) {
  std::vector<std::string> names;
  for (const auto& model : models) names.push_back(printable(model.name));
  return join(names, ", ");
}

Import open_file(const fs::path& path, Bytes content, const OpenOptions& options) {
  const bool is_text = sniff(content) == FileKind::text;
  if (const auto around = export_around(path); !around.empty()) {
    return open_tree(*open_folder(around), {around.string(), "folder"}, options, path.filename().string());
  }
  auto found = find_in_file(path, std::move(content));
  if (found.models.empty()) throw *found.best_problem();
  require(found.models.size() == 1, ErrorKind::usage, path.string(), ": holds ", found.models.size(), " networks (",
          names_of(found.models),
          "), one is needed; write them to files with 'edgestream extract' and give one of those");
  Import result;
  result.model = std::move(found.models.front());
  if (result.model.format == ModelFormat::tflite && is_vela_compiled(result.model.bytes))
    refuse(Refusal::vela, path.string());
  result.project.name = name_from_stem(path.stem().string());
  result.container = is_text ? "C array" : result.model.format == ModelFormat::tflite ? "TFLite file" : "ONNX file";
  return result;
}

// A user who points at a part of an export means the export.
fs::path whole_export(const fs::path& folder) {
  std::error_code ignored;
  const auto absolute = fs::weakly_canonical(folder, ignored);
  const bool is_part = absolute.filename() == "model-parameters" || absolute.filename() == "tflite-model";
  return !ignored && is_part ? absolute.parent_path() : folder;
}

// A folder with nothing in it but one zip means the zip.
fs::path lone_zip(const FileTree& tree, const fs::path& folder) {
  const auto& entries = tree.entries();
  if (entries.size() != 1 || sniff(tree.read_start(0, sniff_length)) != FileKind::zip) return {};
  return folder / entries.front().name;
}

// Where a path leads: a tree (with the bytes that a zip's tree reads from), or a file that is none.
struct Opened {
  TreeName name;
  Bytes content;
  std::unique_ptr<FileTree> tree;
};

Opened open_path(const fs::path& given) {
  const auto path = given.has_filename() ? given : given.parent_path();  // "folder/" is "folder"
  require(fs::exists(path), ErrorKind::unreadable, path.string(), ": is not there; give an export or a model");
  Opened opened{{path.string(), "zip"}, {}, nullptr};
  if (is_folder(path)) {
    const auto folder = whole_export(path);
    opened.tree = open_folder(folder);
    const auto zip = lone_zip(*opened.tree, folder);
    if (!zip.empty()) return open_path(zip);
    opened.name = {folder.string(), "folder"};
    return opened;
  }
  opened.content = read_file(path);
  if (sniff(opened.content) == FileKind::zip) opened.tree = open_zip(opened.content, path.string());
  return opened;
}

}  // namespace

Import open(const fs::path& path, const OpenOptions& options) {
  auto opened = open_path(path);
  if (opened.tree) return open_tree(*opened.tree, opened.name, options);
  return open_file(path, std::move(opened.content), options);
}

std::vector<ModelFile> extract(const fs::path& path) {
  auto opened = open_path(path);
  if (opened.tree) return extract_from_tree(*opened.tree, opened.name);
  auto found = find_in_file(path, std::move(opened.content));
  if (found.models.empty()) throw *found.best_problem();
  return std::move(found.models);
}

namespace {

std::string harmless_stem(const ModelFile& model) {
  std::string name;
  for (const char c : model.name.substr(0, 200)) {
    const bool harmless = static_cast<unsigned char>(c) >= 0x20 && c != '/' && c != '\\' && c != ':' && c != 0x7f;
    name += harmless ? c : '_';
  }
  if (name.empty() || name.front() == '.') name = "model" + name;
  return name;
}

}  // namespace

std::vector<std::string> file_names_for(std::span<const ModelFile> models) {
  std::vector<std::string> names;
  for (const auto& model : models) {
    const auto stem = harmless_stem(model);
    const std::string ending = model.format == ModelFormat::tflite ? ".tflite" : ".onnx";
    std::string name = stem + ending;
    for (int copy = 2; std::ranges::find(names, name) != names.end(); ++copy) name = text(stem, "-", copy, ending);
    names.push_back(std::move(name));
  }
  return names;
}

std::vector<FactLine> export_summary(const Import& import) {
  std::vector<FactLine> lines = {
      {"container", import.container, ""},
      {"model",
       text(import.model.format == ModelFormat::tflite ? "TFLite" : "ONNX", ", ", import.model.bytes.size(), " bytes"),
       import.model.found_in},
  };
  std::ranges::move(fact_lines(import.project), std::back_inserter(lines));
  return lines;
}

}  // namespace es::edge_impulse
