// SPDX-License-Identifier: Apache-2.0
//
// YAML, by nvinfer's rules: groups are maps at the root, booleans are integers, lists are texts with
// ';' in which every piece counts, also an empty one at the end. Where nvinfer dies of an uncaught exception, the file
// is refused here like an INI file. The only file that sees yaml-cpp.
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "base/text.h"
#include "config/source.h"

namespace es::config {
namespace {

// The number at the beginning of a piece, as std::stoi and std::stod take it: blanks before and any text behind it.
template <typename Number>
bool leading_number(std::string_view piece, Number& number) {
  piece.remove_prefix(std::min(piece.find_first_not_of(" \t\r\n"), piece.size()));
  if (piece.starts_with('+')) piece.remove_prefix(1);
  return std::from_chars(piece.data(), piece.data() + piece.size(), number).ec == std::errc{};
}

class YamlSource final : public Source {
 public:
  YamlSource(const std::string& content, std::string name) : name_(std::move(name)), lines_(split(content, '\n')) {
    const YAML::Node root = load(content);
    require(root.IsMap(), ErrorKind::malformed, name_, ": the document is no map of groups, 'property:' is needed");
    for (const auto& group : root) {
      if (!group.first.IsScalar() || !group.second.IsMap()) continue;
      add_group(group.first.Scalar(), group.first.Mark().line + 1, group.second);
    }
  }

  std::vector<std::string> groups() const override { return groups_; }

  std::vector<std::string> keys(const std::string& group) const override {
    const auto found = keys_.find(group);
    return found == keys_.end() ? std::vector<std::string>{} : found->second;
  }

  int line(const std::string& group, const std::string& key) const override {
    const auto found = nodes_.find({group, key});
    if (found != nodes_.end()) return found->second.Mark().line + 1;
    const auto of_group = group_lines_.find(group);
    return of_group == group_lines_.end() ? 0 : of_group->second;
  }

  std::string quote(int line) const override {
    if (line < 1 || static_cast<size_t>(line) > lines_.size()) return {};
    return text("\n    ", printable(trim(lines_[static_cast<size_t>(line) - 1])), "\n    ^");
  }

  void read(const std::string& group, const std::string& key, const Target& target) const override {
    std::visit(Reader{*this, group, key, nodes_.at({group, key})}, target);
  }

 private:
  YAML::Node load(const std::string& content) const {
    try {
      return YAML::Load(content);
    } catch (const YAML::Exception& error) {
      fail(ErrorKind::malformed, name_, ":", error.mark.line + 1, ": ", printable(error.msg),
           quote(error.mark.line + 1));
    }
  }

  void add_group(const std::string& group, int line, const YAML::Node& node) {
    if (group_lines_.try_emplace(group, line).second) groups_.push_back(group);
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) continue;
      const std::string& key = entry.first.Scalar();
      const bool is_new = nodes_.insert_or_assign({group, key}, entry.second).second;
      if (is_new) keys_[group].push_back(key);
    }
  }

  struct Reader {
    const YamlSource& source;
    const std::string& group;
    const std::string& key;
    const YAML::Node& node;

    [[noreturn]] void refuse(std::string_view needed) const {
      const int line = source.line(group, key);
      fail(ErrorKind::malformed, source.name_, ":", line, ": [", printable(group), "] ", printable(key), " is '",
           node.IsScalar() ? printable(node.Scalar()) : "not one value", "', ", needed,
           " is needed (Error while parsing config file)", source.quote(line));
    }

    template <typename T>
    T as(std::string_view needed) const {
      T value{};
      if (!YAML::convert<T>::decode(node, value)) refuse(needed);
      return value;
    }

    template <typename Number>
    std::vector<Number> numbers(std::string_view needed) const {
      std::vector<Number> list;
      for (const auto& piece : pieces()) {
        if (!leading_number(piece, list.emplace_back())) refuse(needed);
      }
      return list;
    }

    std::vector<std::string> pieces() const {
      const std::string list = scalar();
      return list.empty() ? std::vector<std::string>{} : split(list, ';');
    }

    std::string scalar() const {
      if (node.IsNull()) return "null";
      if (!node.IsScalar()) refuse("one value, lists as 'a;b;c',");
      return node.Scalar();
    }

    // Several keys are read by the prefix rule in nvinfer, the others strictly; the more lenient one serves all.
    void operator()(int* out) const {
      if (!YAML::convert<int>::decode(node, *out) && !(node.IsScalar() && leading_number(node.Scalar(), *out))) {
        refuse("a whole number");
      }
    }
    void operator()(double* out) const { *out = as<double>("a number"); }
    void operator()(bool* out) const { *out = as<int>("1 or 0") != 0; }
    void operator()(std::string* out) const { *out = scalar(); }
    void operator()(std::vector<int>* out) const { *out = numbers<int>("a list of whole numbers '1;2;3'"); }
    void operator()(std::vector<double>* out) const { *out = numbers<double>("a list of numbers '0.5;1;2'"); }
    void operator()(std::vector<std::string>* out) const { *out = pieces(); }
  };

  std::string name_;
  std::vector<std::string> lines_;
  std::vector<std::string> groups_;
  std::map<std::string, int> group_lines_;
  std::map<std::string, std::vector<std::string>> keys_;
  std::map<std::pair<std::string, std::string>, YAML::Node> nodes_;
};

}  // namespace

std::unique_ptr<Source> open_yaml(const std::string& content, const std::string& name) {
  return std::make_unique<YamlSource>(content, name);
}

}  // namespace es::config
