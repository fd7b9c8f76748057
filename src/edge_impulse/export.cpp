// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/export.h"

#include <algorithm>
#include <map>

#include "base/error.h"
#include "base/text.h"
#include "edge_impulse/metadata.h"
#include "edge_impulse/models.h"
#include "edge_impulse/refusals.h"

namespace es::edge_impulse {
namespace {

constexpr std::string_view metadata_header = "model_metadata.h";

std::string in_folder(std::string_view folder, std::string_view name) {
  return folder.empty() ? std::string(name) : text(folder, "/", name);
}

std::optional<size_t> index_of(const FileTree& tree, std::string_view name) {
  const auto& entries = tree.entries();
  const auto found =
      std::ranges::lower_bound(entries, name, {}, [](const TreeEntry& e) -> std::string_view { return e.name; });
  if (found == entries.end() || found->name != name) return std::nullopt;
  return static_cast<size_t>(found - entries.begin());
}

// `library.properties` and its like: one `key=value` a line.
std::map<std::string, std::string> read_properties(const FileTree& tree, std::string_view name) {
  std::map<std::string, std::string> properties;
  const auto index = index_of(tree, name);
  if (!index || tree.entries()[*index].size > 65536) return properties;
  const Bytes content = tree.read(*index);
  for (const auto& line : split(as_text(content), '\n')) {
    const size_t equals = line.find('=');
    if (equals == std::string::npos) continue;
    properties.try_emplace(std::string(trim(line.substr(0, equals))), trim(line.substr(equals + 1)));
  }
  return properties;
}

class ExportReader {
 public:
  ExportReader(const FileTree& tree, const TreeName& name, std::string root)
      : tree_(tree), name_(name), root_(std::move(root)) {}

  Import run(const OpenOptions& options, std::string_view only_file) {
    impulse_ = choose_impulse(options.impulse);
    refuse_foreign_engines();
    find(only_file);
    refuse_compiled();
    if (found_.models.empty()) refuse_without_model();
    Import result{std::move(impulse_.project), choose_model(), {}, container()};
    if (result.model.format == ModelFormat::tflite && is_vela_compiled(result.model.bytes)) {
      refuse(Refusal::vela, result.model.found_in);
    }
    complete(result.project);
    result.warnings = warnings_about(result.project);
    return result;
  }

 private:
  const Project& project() const { return impulse_.project; }
  std::string where() const { return root_.empty() ? name_.path : name_.path + ": " + printable(root_); }

  // --- The impulse ------------------------------------------------------------------------------------------------

  std::vector<HeaderText> read_headers() const {
    std::vector<HeaderText> texts;
    const std::string prefix = in_folder(root_, "model-parameters/");
    for (size_t i = 0; i < tree_.entries().size(); ++i) {
      const auto& entry = tree_.entries()[i].name;
      if (!entry.starts_with(prefix) || !may_hold_array(entry)) continue;
      const Bytes content = tree_.read(i);
      texts.push_back({std::string(base_name(entry)), std::string(as_text(content))});
    }
    std::stable_partition(texts.begin(), texts.end(),
                          [](const HeaderText& text) { return text.name == metadata_header; });
    return texts;
  }

  Impulse choose_impulse(const std::string& wanted) const {
    auto impulses = with_context(where(), [&] { return read_impulses(read_headers()); });
    std::vector<size_t> matching;
    for (size_t i = 0; i < impulses.size(); ++i) {
      if (wanted.empty() || is_named(impulses[i], wanted)) matching.push_back(i);
    }
    require(!matching.empty(), ErrorKind::usage, where(), ": no impulse is called '", printable(wanted), "'; it holds ",
            list(impulses));
    require(matching.size() == 1, ErrorKind::usage, where(), ": holds ", impulses.size(), " impulses",
            wanted.empty() ? "" : text(" and '", printable(wanted), "' fits ", matching.size()),
            ", one is needed: ", list(impulses), "; choose one with --impulse");
    return std::move(impulses[matching.front()]);
  }

  static bool is_named(const Impulse& impulse, const std::string& wanted) {
    const auto& p = impulse.project;
    const std::string id = p.impulse_id ? text(*p.impulse_id) : "";
    return wanted == impulse.key || wanted == id || wanted == p.impulse_name.value_or("") ||
           wanted == p.name.value_or("");
  }

  static std::string list(const std::vector<Impulse>& impulses) {
    std::vector<std::string> lines;
    for (const auto& impulse : impulses) {
      const auto& p = impulse.project;
      const auto name = p.impulse_name ? *p.impulse_name : p.name.value_or("unnamed");
      lines.push_back(
          text("'", impulse.key, "' (", printable(name), ": ", printable(join(p.labels.value_or({}), ", ")), ")"));
    }
    return join(lines, ", ");
  }

  // --- Refusals ---------------------------------------------------------------------------------------------------

  void refuse_foreign_engines() const {
    if (project().engine && *project().engine == Engine::akida) {
      refuse(Refusal::akida, where(), project().engine.source + " says so");
    }
  }

  bool has_eon_source() const {
    const std::string prefix = in_folder(root_, "tflite-model/");
    return std::ranges::any_of(tree_.entries(), [&](const TreeEntry& entry) {
      return entry.name.starts_with(prefix) && is_eon_source(entry.name);
    });
  }

  // A flag alone is not believed where a network lies beside it and no compiled source does.
  void refuse_compiled() const {
    if (!impulse_.eon_sign) return;
    const bool contradicted = !impulse_.eon_is_bound && !found_.models.empty() && !has_eon_source();
    if (!contradicted) refuse(Refusal::eon, where(), *impulse_.eon_sign);
  }

  [[noreturn]] void refuse_without_model() const {
    const auto engine = project().engine ? *project().engine : Engine::tflite;
    const std::string engine_source = project().engine.source;
    if (engine == Engine::drpai) refuse(Refusal::drpai, where(), engine_source + " says so");
    if (is_kmeans_only()) refuse(Refusal::kmeans_only, where());
    if (engine == Engine::none) refuse(Refusal::no_network, where(), engine_source + " is NONE");
    if (brings_own_format(engine)) refuse(Refusal::accelerator, where(), word_for(engine));
    if (const auto* problem = found_.best_problem(ProblemRank::other_kind)) throw *problem;
    fail(ErrorKind::malformed, where(), ": holds ", metadata_header,
         ", but no tflite-model folder with a network; give the zip as Studio built it");
  }

  bool is_kmeans_only() const {
    if (project().learning_functions) {
      return std::ranges::all_of(*project().learning_functions,
                                 [](const auto& f) { return f == "run_kmeans_anomaly"; });
    }
    return project().head && *project().head == Head::anomaly_kmeans;
  }

  static bool brings_own_format(Engine engine) {
    return engine == Engine::syntiant || engine == Engine::memryx || engine >= Engine::aton;
  }

  // --- The model --------------------------------------------------------------------------------------------------

  void find(std::string_view only_file) {
    const auto models = in_folder(root_, "tflite-model");
    found_ = find_models(tree_, models, root_, name_.path);
    if (found_.models.empty() && found_.problems.empty()) found_ = find_models(tree_, root_, root_, name_.path);
    if (only_file.empty()) return;
    std::erase_if(found_.models, [&](const ModelFile& model) { return base_name(model.found_in) != only_file; });
  }

  ModelFile choose_model() {
    auto fitting = by_symbol();
    if (fitting.size() > 1) fitting = only_included(fitting);
    if (fitting.empty()) fitting = instead_of_symbol();
    fitting = distinct(fitting);
    if (fitting.size() > 1 && project().engine && *project().engine == Engine::tensorrt) fitting = only_onnx(fitting);
    require(fitting.size() == 1, ErrorKind::usage, where(), ": holds ", fitting.size(), " networks (", names(fitting),
            ") and its headers do not say which one the impulse runs; give one of these files instead");
    return std::move(found_.models[fitting.front()]);
  }

  using Choice = std::vector<size_t>;  // indices into found_.models

  template <typename Predicate>
  Choice models_that(Predicate&& fits) const {
    Choice choice;
    for (size_t i = 0; i < found_.models.size(); ++i) {
      if (fits(found_.models[i])) choice.push_back(i);
    }
    return choice;
  }

  Choice by_symbol() const {
    return models_that([&](const ModelFile& model) { return model.name == impulse_.model_symbol; });
  }

  // Hand-made copies of several impulses keep the array's name and tell the headers apart by theirs.
  Choice only_included(const Choice& choice) const {
    Choice included;
    for (const size_t i : choice) {
      const bool is_included = std::ranges::any_of(impulse_.includes, [&](const std::string& header) {
        return base_name(header) == base_name(found_.models[i].found_in);
      });
      if (is_included) included.push_back(i);
    }
    return included.empty() ? choice : included;
  }

  // No model has the name that the headers bind. The one there is may still be it, renamed.
  Choice instead_of_symbol() {
    for (const auto& problem : found_.problems) {
      if (!impulse_.model_symbol.empty() && problem.symbol == impulse_.model_symbol) throw problem.error;
    }
    if (!impulse_.model_symbol.empty()) {
      impulse_.warnings.push_back(text("the impulse runs '", printable(impulse_.model_symbol), "', this export holds ",
                                       names(models_that([](const auto&) { return true; })),
                                       " instead; it may be left over from another build"));
    }
    return models_that([](const ModelFile&) { return true; });
  }

  Choice distinct(const Choice& choice) const {
    Choice different;
    for (const size_t i : choice) {
      const bool seen = std::ranges::any_of(
          different, [&](size_t other) { return found_.models[i].bytes == found_.models[other].bytes; });
      if (!seen) different.push_back(i);
    }
    return different;
  }

  Choice only_onnx(const Choice& choice) const {
    Choice onnx;
    for (const size_t i : choice) {
      if (found_.models[i].format == ModelFormat::onnx) onnx.push_back(i);
    }
    return onnx.empty() ? choice : onnx;
  }

  std::string names(const Choice& choice) const {
    std::vector<std::string> names;
    for (const size_t i : choice) names.push_back(printable(found_.models[i].name));
    return join(names, ", ");
  }

  // --- Around it --------------------------------------------------------------------------------------------------

  // Arduino keeps its properties beside src, Particle likewise.
  std::string properties_folder() const { return base_name(root_) == "src" ? std::string(folder_name(root_)) : root_; }

  std::string container() const {
    std::string kind = "C++ library";
    if (project().engine && *project().engine == Engine::tensorrt) kind = "TensorRT library";
    if (index_of(tree_, in_folder(properties_folder(), "project.properties"))) kind = "Particle library";
    if (index_of(tree_, in_folder(properties_folder(), "library.properties"))) kind = "Arduino library";
    return text(kind, " (", name_.packing, ")");
  }

  // Exports before May 2021 do not name themselves in their headers.
  void complete(Project& project) const {
    const auto properties = read_properties(tree_, in_folder(properties_folder(), "library.properties"));
    constexpr std::string_view ending = "_inferencing";
    if (const auto name = properties.find("name"); !project.name && name != properties.end()) {
      const auto& value = name->second;
      project.name = {value.ends_with(ending) ? value.substr(0, value.size() - ending.size()) : value,
                      "library.properties"};
    }
    if (const auto version = properties.find("version"); !project.deploy_version && version != properties.end()) {
      const auto number = to_integer(base_name_of_version(version->second));
      if (number) project.deploy_version = {*number, "library.properties"};
    }
    if (!project.name) {
      const auto base = base_name(name_.path);
      project.name = {std::string(base.substr(0, base.find_last_of('.'))), "the name of the " + name_.packing};
    }
  }

  // "1.0.7" is deploy version 7.
  static std::string_view base_name_of_version(std::string_view version) {
    return version.substr(version.find_last_of('.') + 1);
  }

  std::vector<std::string> warnings_about(const Project& project) const {
    auto warnings = impulse_.warnings;
    if (!impulse_.other_networks.empty()) {
      warnings.push_back(
          text("the impulse runs further networks that are not imported: ", join(impulse_.other_networks, ", ")));
    }
    const bool foreign = project.engine && (*project.engine == Engine::drpai || brings_own_format(*project.engine));
    if (foreign) {
      warnings.push_back(text("the export was built for ", word_for(*project.engine), " (", project.engine.source,
                              "); the network in it is not the one that runs there"));
    }
    if (!project.is_about_images() && project.dsp_functions) {
      warnings.push_back(text("the network is fed by ", join(*project.dsp_functions, ", "), " (",
                              project.dsp_functions.source,
                              "), not by pixels; computing these features is the caller's part"));
    }
    std::ranges::sort(warnings);
    warnings.erase(std::unique(warnings.begin(), warnings.end()), warnings.end());
    return warnings;
  }

  const FileTree& tree_;
  const TreeName& name_;
  std::string root_;
  Impulse impulse_;
  FoundModels found_;
};

// Headers of an export that somebody renamed while merging several.
std::string renamed_headers(const FileTree& tree) {
  for (const auto& entry : tree.entries()) {
    const auto base = base_name(entry.name);
    const bool renamed = base.starts_with("model_metadata") || base.starts_with("model_variables");
    if (renamed && base.ends_with(".h")) return entry.name;
  }
  return {};
}

std::string names_of(const std::vector<ModelFile>& models) {
  std::vector<std::string> names;
  for (const auto& model : models) names.push_back(printable(model.found_in, 500));
  return join(names, ", ");
}

std::vector<ModelFile> distinct(std::vector<ModelFile> models) {
  std::vector<ModelFile> different;
  for (auto& model : models) {
    const bool seen =
        std::ranges::any_of(different, [&](const ModelFile& other) { return other.bytes == model.bytes; });
    if (!seen) different.push_back(std::move(model));
  }
  return different;
}

// A zip or folder that is no library: a download wrapped in it, or nothing of use.
Import open_without_metadata(const FileTree& tree, const TreeName& name) {
  const auto renamed = renamed_headers(tree);
  if (!renamed.empty()) refuse(Refusal::hand_merged, name.path, "it holds " + printable(renamed));
  auto found = find_models(tree, "", "", name.path);
  auto models = distinct(std::move(found.models));
  if (models.empty()) {
    if (const auto* problem = found.best_problem()) throw *problem;
    refuse(Refusal::not_a_model, name.path, text("none of its ", tree.entries().size(), " files is one"));
  }
  require(models.size() == 1, ErrorKind::usage, name.path, ": holds ", models.size(), " networks and no ",
          metadata_header, "; give one of them instead: ", names_of(models));
  Import result;
  result.model = std::move(models.front());
  if (result.model.format == ModelFormat::tflite && is_vela_compiled(result.model.bytes)) {
    refuse(Refusal::vela, result.model.found_in);
  }
  result.project.name = name_from_stem(result.model.name);
  result.container =
      text(result.model.format == ModelFormat::tflite ? "TFLite" : "ONNX", " file (in a ", name.packing, ")");
  return result;
}

}  // namespace

std::vector<std::string> export_roots(const FileTree& tree) {
  std::vector<std::string> roots;
  for (const auto& entry : tree.entries()) {
    const auto folder = folder_name(entry.name);
    if (base_name(entry.name) != metadata_header || base_name(folder) != "model-parameters") continue;
    roots.emplace_back(folder_name(folder));
  }
  return roots;
}

Import open_tree(const FileTree& tree, const TreeName& name, const OpenOptions& options, std::string_view only_file) {
  const auto roots = export_roots(tree);
  if (roots.empty()) return open_without_metadata(tree, name);
  if (roots.size() > 1) {
    std::vector<std::string> shown;
    for (const auto& root : roots) shown.push_back(root.empty() ? "its top folder" : printable(root));
    fail(ErrorKind::usage, name.path, ": holds ", roots.size(), " exports (", join(shown, ", "), "), one is needed; ",
         name.packing == "zip" ? "unpack it and " : "", "give one of these folders");
  }
  return ExportReader(tree, name, roots.front()).run(options, only_file);
}

std::vector<ModelFile> extract_from_tree(const FileTree& tree, const TreeName& name) {
  FoundModels found;
  for (const auto& root : export_roots(tree)) {
    auto more = find_models(tree, in_folder(root, "tflite-model"), root, name.path);
    std::ranges::move(more.models, std::back_inserter(found.models));
    std::ranges::move(more.problems, std::back_inserter(found.problems));
  }
  if (found.models.empty()) found = find_models(tree, "", "", name.path);
  auto models = distinct(std::move(found.models));
  if (!models.empty()) return models;
  if (const auto* problem = found.best_problem()) throw *problem;
  refuse(Refusal::not_a_model, name.path, text("none of its ", tree.entries().size(), " files is one"));
}

}  // namespace es::edge_impulse
