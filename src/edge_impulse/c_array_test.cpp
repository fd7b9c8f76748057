// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/c_array.h"

#include <gmock/gmock.h>

#include <chrono>

#include "base/text.h"
#include "edge_impulse/fixtures.h"

namespace es::edge_impulse {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

Bytes bytes_of(std::string_view text) {
  const auto arrays = scan_c_arrays(text).arrays;
  return arrays.size() == 1 ? arrays[0].bytes : Bytes{};
}

TEST(CArray, ReadsWhatXxdWrites) {
  const auto scan = scan_c_arrays(
      "const unsigned char trained_tflite[] = {\n  0x1c, 0x00, 0xff,\n  0x54\n};\nunsigned int trained_tflite_len = "
      "4;\n");
  ASSERT_THAT(scan.arrays, SizeIs(1));
  EXPECT_EQ(scan.arrays[0].name, "trained_tflite");
  EXPECT_THAT(scan.arrays[0].bytes, ElementsAre(0x1c, 0x00, 0xff, 0x54));
  EXPECT_EQ(scan.arrays[0].line, 1U);
  EXPECT_EQ(scan.arrays[0].declared_length, 4U);
  EXPECT_EQ(scan.arrays[0].declared_size, std::nullopt);
}

TEST(CArray, TakesNumbersInEverySpelling) {
  EXPECT_THAT(bytes_of("uint8_t a[] = { 28, 0X1C, 0x1cU, 034, 28u, 28UL, 0, 00, 255 };"),
              ElementsAre(28, 28, 28, 28, 28, 28, 0, 0, 255));
  EXPECT_THAT(bytes_of("int8_t a[] = { -1, -128, 127 };"), ElementsAre(0xff, 0x80, 0x7f));
}

TEST(CArray, TakesBlanksCommentsAndATrailingComma) {
  EXPECT_THAT(bytes_of("unsigned char a [ ]\n=\n{ /* 0x99, */ 1 ,// 2,\n\t3,\\\n4 , }\n;"), ElementsAre(1, 3, 4));
  EXPECT_THAT(bytes_of("unsigned char a[]={1,2,3}"), ElementsAre(1, 2, 3));
}

TEST(CArray, StepsOverWhatStandsAroundTheDeclarator) {
  const std::string_view declarators[] = {
      "ALIGN(16) const unsigned char net[]",
      "alignas(16) static const uint8_t net[]",
      "const unsigned char net[] __attribute__((aligned(16)))",
      "__attribute__((section(\".flash[0]\"), aligned(16))) const uint8_t net[]",
      "const unsigned char net[] DATA_ALIGN_ATTRIBUTE",
      "const unsigned char DATA_ALIGN_ATTRIBUTE net[]",
      "const unsigned char net[] PROGMEM",
      "extern const unsigned char net[];\nconst unsigned char net[]",
      "#if defined __GNUC__\n#define ALIGN(X) __attribute__((aligned(X)))\n#endif\nALIGN(16) const unsigned char net[]",
      "namespace space {\nconst unsigned char net[]",
      "extern \"C\" {\nconst unsigned char net[]",
  };
  for (const auto declarator : declarators) {
    const auto scan = scan_c_arrays(text(declarator, " = { 0x01, 0x02 };"));
    ASSERT_THAT(scan.arrays, SizeIs(1)) << declarator;
    EXPECT_EQ(scan.arrays[0].name, "net") << declarator;
    EXPECT_THAT(scan.arrays[0].bytes, ElementsAre(1, 2)) << declarator;
  }
}

TEST(CArray, KeepsTheCountsThatTheTextGives) {
  const auto scan =
      scan_c_arrays("\n\nunsigned char a[0x10] = { 1 };\nunsigned int a_len = 3;\nunsigned int b_len = 9;");
  ASSERT_THAT(scan.arrays, SizeIs(1));
  EXPECT_EQ(scan.arrays[0].line, 3U);
  EXPECT_EQ(scan.arrays[0].declared_size, 16U);
  EXPECT_EQ(scan.arrays[0].declared_length, 3U);
}

TEST(CArray, KeepsSeveralAndEmptyArrays) {
  const auto scan =
      scan_c_arrays("unsigned char a[] = {};\nunsigned int a_len = 0; uint8_t b[] = {1}; uint8_t c[2] = {2,3};");
  ASSERT_THAT(scan.arrays, SizeIs(3));
  EXPECT_THAT(scan.arrays[0].bytes, IsEmpty());
  EXPECT_EQ(scan.arrays[0].declared_length, 0U);
  EXPECT_EQ(scan.arrays[1].name, "b");
  EXPECT_THAT(scan.arrays[2].bytes, ElementsAre(2, 3));
}

TEST(CArray, StepsOverListsOfAnythingElse) {
  const std::string_view others[] = {
      "int a[] = { 1, 256 };",
      "float a[] = { 1.0, 2.5f };",
      "char a[] = { 'x' };",
      "unsigned char a[] = { 1, X };",
      "uint8_t a[2][2] = { {1}, {2} };",
      "unsigned char a[] = { 0x };",
      "unsigned char a[] = { 1 2 };",
      "unsigned char a[] = { 1,",
      "unsigned char a[] = { -129 };",
      "unsigned char a[] = { 0x1g };",
      "unsigned char a[] = { 99999999999999999999 };",
      "// unsigned char a[] = { 1 };",
      "/* unsigned char a[] = { 1 };",
      "const char *a = \"x[] = { 1 };\";",
      "#define A x[] = { 1 }\n",
      "int f(int x[]) { 1 };",
      "unsigned char a[] = { 08 };",
      "unsigned char a[] = { ,1 };",
      "",
  };
  for (const auto other : others) EXPECT_THAT(scan_c_arrays(other).arrays, IsEmpty()) << other;
}

TEST(CArray, FindsTheModelBehindOtherLists) {
  const auto scan = scan_c_arrays(
      "const float mean[] = { 1.0f };\nint f() { int x[] = { 300 }; return '{'; }\nunsigned char net[] = { 7 };");
  ASSERT_THAT(scan.arrays, SizeIs(1));
  EXPECT_EQ(scan.arrays[0].name, "net");
}

TEST(CArray, ReadsIncbinInEveryForm) {
  const auto path_of = [](std::string_view text) {
    const auto scan = scan_c_arrays(text);
    return scan.incbins.size() == 1 ? scan.incbins[0].symbol + " " + scan.incbins[0].path : std::string("none");
  };
  EXPECT_EQ(path_of("INCBIN(tflite_learn_1_3, \"tflite-model/tflite_learn_1_3.tflite\");"),
            "tflite_learn_1_3 tflite-model/tflite_learn_1_3.tflite");
  EXPECT_EQ(path_of("EI_INCBIN ( net ,\n \"a.tflite\" )"), "net a.tflite");
  EXPECT_EQ(path_of("#define MODEL \"C:\\\\Users\\\\me\\\\a.tflite\"\nINCBIN(net, MODEL);"),
            "net C:\\\\Users\\\\me\\\\a.tflite");
  EXPECT_EQ(path_of("INCBIN(net, ROOT \"/a.tflite\");"), "net /a.tflite");
  EXPECT_EQ(path_of("#define INCBIN(name, file) asm(\".incbin \\\"\" file \"\\\"\")\n"), "none");
  EXPECT_EQ(path_of("INCBIN(net, UNKNOWN);"), "none");
  EXPECT_EQ(path_of("INCBIN(net"), "none");
}

TEST(CArray, KnowsAnIncbinByThePointerToItsData) {
  const auto name_of = [](const std::string& text) { return scan_c_arrays(text).incbins.at(0).name; };
  const std::string incbin = "INCBIN(incbin_net, \"net.tflite\");\n";
  EXPECT_EQ(name_of(incbin), "incbin_net");
  EXPECT_EQ(name_of(incbin + "const unsigned char *net = gincbin_net_data;\nunsigned int net_len = gincbin_net_size;"),
            "net");
  EXPECT_EQ(name_of(incbin + "const unsigned char *net = gincbin_netData;"), "net");
  EXPECT_EQ(name_of(incbin + "const unsigned char *other = gincbin_other_data;"), "incbin_net");
}

TEST(CArray, GivesBackWhatWasWritten) {
  Bytes bytes(4099);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i * 37 + i / 251);
  EXPECT_EQ(bytes_of(fixtures::c_array("net", bytes)), bytes);
}

// Each of these made a backtracking reader run for minutes. The bound is far above the milliseconds it takes and far
// below what anything quadratic would need.
TEST(CArray, TakesLinearTimeOnHostileText) {
  const auto repeated = [](std::string_view unit) {
    std::string out;
    while (out.size() < (size_t{4} << 20)) out += unit;
    return out;
  };
  const std::string hostile[] = {
      repeated("a[] = {"),
      repeated("a[] = { 1, "),
      repeated("{ 1, { "),
      repeated("("),
      repeated("/*"),
      repeated("\""),
      repeated("INCBIN("),
      repeated("INCBIN(a, "),
      repeated("#define A \"\\\n"),
      repeated("a_len = 1; "),
      repeated("a = b; "),
      repeated("a[] = {}; "),
      repeated("\\"),
      repeated("a[ "),
      "a[] = {" + repeated("0x00, "),
      "a[] = {" + repeated("0x00, /**/"),
  };
  const auto start = std::chrono::steady_clock::now();
  for (const auto& text : hostile) EXPECT_LE(scan_c_arrays(text).arrays.size(), 4096U);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
}

}  // namespace
}  // namespace es::edge_impulse
