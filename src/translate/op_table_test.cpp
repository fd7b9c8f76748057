// SPDX-License-Identifier: Apache-2.0
#include "translate/op_table.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/file.h"
#include "testing/matchers.h"
#include "tflite/types.h"

namespace es::translate {
namespace {

TEST(OpTable, HasARowForEveryOperatorOfTheFileFormat) {
  for (const auto& builtin : tflite::builtin_operators()) {
    EXPECT_NE(op_table().find(builtin.name), nullptr) << builtin.name << " has no row";
  }
}

TEST(OpTable, SaysOfEachRowWhatItBecomesOrWhyItIsRefused) {
  for (const auto& row : op_table().rows()) {
    EXPECT_NE(row.translate == nullptr, row.reason.empty()) << row.name;
    EXPECT_LE(row.versions.oldest, row.versions.newest) << row.name;
  }
}

TEST(OpTable, RefusesASecondRow) {
  OpTable table;
  table.refuse("RNN", "is tested");
  EXPECT_ERROR(table.refuse("RNN", "is tested"), ErrorKind::internal, "op table: RNN has two rows");
}

TEST(OpTable, RefusesARowForNoOperator) {
  OpTable table;
  EXPECT_ERROR(table.refuse("CONV_4D", "is tested"), ErrorKind::internal, "op table: the file format has no CONV_4D");
}

TEST(OpTable, IsPrintedInDocs) {
  const std::string path = ES_SOURCE_DIR "/docs/ops.md";
  const auto page = ops_page(op_table());
  if (std::getenv("ES_UPDATE_DOCS") != nullptr) write_file_atomically(path, page);
  EXPECT_EQ(std::string(as_text(read_file(path))), page) << "ES_UPDATE_DOCS=1 writes it anew";
}

}  // namespace
}  // namespace es::translate
