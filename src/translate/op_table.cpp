// SPDX-License-Identifier: Apache-2.0
#include "translate/op_table.h"

#include <algorithm>

#include "base/error.h"
#include "base/text.h"
#include "ir/tensorrt.h"
#include "tflite/types.h"
#include "translate/ops/families.h"

namespace es::translate {
namespace {

bool is_builtin(std::string_view name) {
  const auto all = tflite::builtin_operators();
  return std::any_of(all.begin(), all.end(), [&](const auto& builtin) { return builtin.name == name; });
}

OpTable all_families() {
  OpTable table;
  for (const auto register_family :
       {register_assemble, register_batch_space, register_conv, register_dense, register_detection,
        register_elementwise, register_fill, register_index, register_join, register_normalize, register_pad,
        register_pool, register_quantize, register_reduce, register_resize, register_shape, register_slice,
        register_unsupported}) {
    register_family(table);
  }
  return table;
}

std::string versions_text(Versions versions) {
  return versions.oldest == versions.newest ? text(versions.newest) : text(versions.oldest, " to ", versions.newest);
}

// The oldest TensorRT that parses all of them.
std::string tensorrt_text(std::string_view emits) {
  ir::Release oldest = ir::oldest_release;
  for (const auto& word : split(emits, ',')) {
    if (trim(word).empty()) continue;
    const auto release = ir::oldest_tensorrt(trim(word));
    if (!release) return "none";
    oldest = std::max(oldest, *release);
  }
  return text(oldest);
}

std::string row_text(const OpRow& row) {
  if (row.translate == nullptr) return text("| ", row.name, " | no | | it ", row.reason, " | |\n");
  return text("| ", row.name, " | yes | ", versions_text(row.versions), " | ", row.emits, " | ",
              tensorrt_text(row.emits), " |\n");
}

}  // namespace

void OpTable::insert(const OpRow& row) {
  require(is_builtin(row.name), ErrorKind::internal, "op table: the file format has no ", row.name);
  require(rows_.emplace(row.name, row).second, ErrorKind::internal, "op table: ", row.name, " has two rows");
}

void OpTable::add(std::string_view name, Versions versions, Translator translate, std::string_view emits) {
  insert({.name = name, .versions = versions, .translate = translate, .emits = emits, .reason = {}});
}

void OpTable::refuse(std::string_view name, std::string_view reason) {
  insert({.name = name, .versions = {}, .translate = nullptr, .emits = {}, .reason = reason});
}

void OpTable::add_custom(std::string_view code, Translator translate, std::string_view emits) {
  const OpRow row{.name = code, .versions = {}, .translate = translate, .emits = emits, .reason = {}};
  require(custom_.emplace(code, row).second, ErrorKind::internal, "op table: ", code, " has two rows");
}

const OpRow* OpTable::find_custom(std::string_view code) const {
  const auto found = custom_.find(code);
  return found == custom_.end() ? nullptr : &found->second;
}

std::vector<OpRow> OpTable::custom_rows() const {
  std::vector<OpRow> rows;
  for (const auto& [code, row] : custom_) rows.push_back(row);
  return rows;
}

const OpRow* OpTable::find(std::string_view name) const {
  const auto found = rows_.find(name);
  return found == rows_.end() ? nullptr : &found->second;
}

std::vector<OpRow> OpTable::rows() const {
  std::vector<OpRow> rows;
  for (const auto& builtin : tflite::builtin_operators()) {
    if (const auto* row = find(builtin.name)) rows.push_back(*row);
  }
  return rows;
}

const OpTable& op_table() {
  static const OpTable table = all_families();
  return table;
}

std::string ops_page(const OpTable& table) {
  auto rows = table.rows();
  const auto translated =
      std::count_if(rows.begin(), rows.end(), [](const OpRow& row) { return row.translate != nullptr; });
  std::string page = text(
      "# TFLite operators\n\n"
      "Printed from the table in `src/translate/op_table.cpp`; a test holds the two together.\n\n",
      translated, " of ", rows.size(),
      " operators are translated. A file with any other is refused, and the message names it. The\n"
      "versions are those of the operator in the file; the nodes are those before any pass, without\n"
      "the Transposes between the file's axis order (channels last) and ONNX's. TensorRT: the oldest release whose\n"
      "parser knows every one of these nodes (some operators need fewer of them; report.json says what a network\n"
      "needs).\n\n"
      "| operator | translated | versions | becomes | TensorRT |\n| --- | --- | --- | --- | --- |\n");
  for (const auto& row : rows) page += row_text(row);
  page += "\nOf custom operators these are translated:\n\n| custom operator | becomes |\n| --- | --- |\n";
  for (const auto& row : table.custom_rows()) page += text("| ", row.name, " | ", row.emits, " |\n");
  return page;
}

}  // namespace es::translate
