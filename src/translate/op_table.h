// SPDX-License-Identifier: Apache-2.0
//
// What becomes of each operator of the file format: one row each, translated or refused with its reason. docs/ops.md is
// this table, printed.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace es::translate {

class Op;

// The versions of an operator whose meaning is known, as in the runtime's own register. A version grows when a type or
// an option is added.
struct Versions {
  int oldest = 1;
  int newest = 1;
};

using Translator = void (*)(Op&);

struct OpRow {
  std::string_view name;  // of the file format: "CONV_2D"
  Versions versions;
  Translator translate = nullptr;  // none: refused
  // The ONNX nodes it may become, separated by ", ", without the Transposes at its doors.
  std::string_view emits;
  std::string_view reason;  // why it is refused; reads on after "it"
};

class OpTable {
 public:
  // Throws internal where the operator has a row already, or is none of the file format.
  void add(std::string_view name, Versions versions, Translator translate, std::string_view emits);
  void refuse(std::string_view name, std::string_view reason);
  // A custom operator, by the name that files give it.
  void add_custom(std::string_view code, Translator translate, std::string_view emits);

  // nullptr where there is no row.
  const OpRow* find(std::string_view name) const;
  const OpRow* find_custom(std::string_view code) const;
  // In the order of the file format's codes.
  std::vector<OpRow> rows() const;
  std::vector<OpRow> custom_rows() const;

 private:
  void insert(const OpRow& row);
  std::map<std::string_view, OpRow> rows_, custom_;
};

// All families and refusals, put together at first use.
const OpTable& op_table();

// docs/ops.md.
std::string ops_page(const OpTable& table);

}  // namespace es::translate
