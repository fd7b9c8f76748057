// SPDX-License-Identifier: Apache-2.0
//
// INI: GLib's rules, see base/key_file.h.
#include "base/key_file.h"
#include "config/source.h"

namespace es::config {
namespace {

class IniSource final : public Source {
 public:
  explicit IniSource(KeyFile file) : file_(std::move(file)) {}

  std::vector<std::string> groups() const override { return file_.groups(); }
  std::vector<std::string> keys(const std::string& group) const override { return file_.keys(group); }
  int line(const std::string& group, const std::string& key) const override {
    const int line = key.empty() ? 0 : file_.line(group, key);
    return line ? line : file_.line(group);
  }
  std::string quote(int line) const override { return file_.quote(line); }

  void read(const std::string& group, const std::string& key, const Target& target) const override {
    struct Reader {
      const KeyFile& file;
      const std::string& group;
      const std::string& key;
      void operator()(int* out) const { *out = file.integer(group, key); }
      void operator()(double* out) const { *out = file.real(group, key); }
      void operator()(bool* out) const { *out = file.boolean(group, key); }
      void operator()(std::string* out) const { *out = file.string(group, key); }
      void operator()(std::vector<int>* out) const { *out = file.integers(group, key); }
      void operator()(std::vector<double>* out) const { *out = file.reals(group, key); }
      void operator()(std::vector<std::string>* out) const { *out = file.strings(group, key); }
    };
    try {
      std::visit(Reader{file_, group, key}, target);
    } catch (const Error& error) {
      throw with_words(error, "Error while parsing config file");
    }
  }

 private:
  KeyFile file_;
};

}  // namespace

std::unique_ptr<Source> open_ini(std::string content, const std::string& name) {
  return std::make_unique<IniSource>(KeyFile::parse(std::move(content), name));
}

}  // namespace es::config
