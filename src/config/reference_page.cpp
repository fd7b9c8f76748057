// SPDX-License-Identifier: Apache-2.0
//
// docs/config.md, from the key table.
#include "base/text.h"
#include "config/key_table.h"

namespace es::config {
namespace {

constexpr std::string_view head = R"(# Configuration files of nvinfer

Generated from the key table (`src/config/key_table.cpp`, `src/config/class_table.cpp`); a test compares.

One file describes one model: `[property]`, and for detectors `[class-attrs-all]` and `[class-attrs-N]`. The keys are
DeepStream's, and so are the rules for reading them. A name ending in `.yml` or `.yaml` is YAML, any other is INI.

## How an INI file is read

| value | accepted | refused |
|---|---|---|
| int | `2`, `-7`, `2 # text after a blank` | `2;3`, `1.5`, `0x10`, empty |
| double | `0.5`, `1e-3`, with nothing after it | `0.5 # text`, `0.5` and a blank |
| bool | `1`, `0`, `true`, `false`, and blanks | `yes`, `TRUE`, `1 # text` |
| string | the rest of the line, blanks at its end included; `\s \n \t \r \\` | any other backslash |
| list | elements separated by `;`, one `;` at the end does not count | an empty element between numbers |
| color | four doubles, `red;green;blue;alpha` | any other count |

A comment is a line that begins with `#`; `;` begins none. Paths are relative to the folder of the file. A repeated key
has its last value. A *switch* is a bool that an INI file can only switch on. In YAML booleans are 1 and 0, lists are
texts with `;`, and an empty piece at the end counts.

Unknown keys are named in one warning and ignored. Everything else that does not fit stops the start with the line at
fault. *No effect here* marks keys that are read and checked, and that nothing on a CPU depends on.
)";

constexpr std::string_view tail = R"(
The groups count for `network-type` 0 and 3 alone. `[class-attrs-all]` is the start of every class; `[class-attrs-N]`
changes what it names for class N.

## Labels file

A detector has one label a line. A classifier has one line per output, the labels of its classes separated by `;`
(`good;bad`). Empty lines do not count, blanks do, a carriage return at the end of a line does not.
)";

// A pipe would end the cell.
std::string cell(std::string_view words) {
  std::string out;
  for (const char c : words) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

template <typename Row, typename Struct>
std::string line_of(const Row& row, const Struct& defaults) {
  const std::string value = value_text(row, defaults);
  const bool any = row.range.words() == "a number";
  std::string type(type_name(row));
  if (has(row.traits, Traits::one_way)) type = "switch";
  return text("| `", row.name, "` | ", type, " | ", value.empty() ? "" : "`" + value + "`", " | ",
              any ? "" : row.range.words(), " | ", cell(row.meaning),
              has(row.traits, Traits::no_effect) ? " *No effect here.*" : "",
              row.property.empty() || row.property == row.name ? "" : text(" Property `", row.property, "`."), " |\n");
}

constexpr std::string_view columns = "| key | type | default | allowed | meaning |\n|---|---|---|---|---|\n";

}  // namespace

std::string reference_page() {
  std::string page(head);
  for (const auto& section : property_sections()) {
    page += text("\n## ", section.title, "\n\n", columns);
    for (const auto& row : section.rows) page += line_of(row, InferConfig{});
  }
  page += text("\n## `[class-attrs-all]` and `[class-attrs-N]`\n\n", columns);
  for (const auto& row : class_rows()) page += line_of(row, ClassAttributes{});
  return page + std::string(tail);
}

}  // namespace es::config
