// SPDX-License-Identifier: Apache-2.0
#include "edge_impulse/c_source.h"

#include <gmock/gmock.h>

#include "base/text.h"
#include "edge_impulse/constants.h"

namespace es::edge_impulse {
namespace {

using ::testing::ElementsAre;

std::string words_of(std::string_view source) {
  std::vector<std::string_view> words;
  const auto text = tokenize(source);
  for (const auto& token : text.tokens) words.push_back(token.text);
  return join(words, "|");
}

TEST(CTokens, SplitsWordsNumbersStringsAndPunctuation) {
  EXPECT_EQ(words_of("a::b = -1.5e-3f + 0x1e+2; \"x \\\" y\" 'c' // no\n/* no */ z"),
            "a|::|b|=|-|1.5e-3f|+|0x1e|+|2|;|x \\\" y|c|z");
}

TEST(CTokens, ReadsMacrosAndIncludes) {
  const auto text = tokenize(
      "#define A 1 // one\n  #  define B \"x // y\" /* z */\n#define F(x) x\n#define EMPTY\n#include \"a/b.h\"\n"
      "#include <c.h>\n#warning 'A' is not \"defined\" here\n#define LONG 1 + \\\n 2\nint #define C 3\n");
  std::vector<std::string> macros;
  for (const auto& macro : text.macros) macros.push_back(std::string(macro.name) + "=" + std::string(macro.value));
  EXPECT_THAT(macros, ElementsAre("A=1", "B=\"x // y\"", "EMPTY=", "LONG=1 + \\\n 2"));
  EXPECT_THAT(text.includes, ElementsAre("a/b.h"));
}

TEST(CTokens, ReplacesEscapes) {
  EXPECT_EQ(unescape(R"(a\"b\\c\n\x41\101\303\251)"), "a\"b\\c\nAA\303\251");
  EXPECT_EQ(unescape("paździoch"), "paździoch");
  EXPECT_EQ(unescape(R"(\q\x\9\)"), R"(\q\x\9\)");
}

std::string declared(std::string_view source) {
  std::string out;
  const auto text = tokenize(source);
  for (const auto& variable : read_declarations(text.tokens).variables) {
    out += es::text(variable.type, " ", variable.scope, "/", variable.name,
                    variable.value.is_list ? " list of " : " value of ",
                    variable.value.is_list ? variable.value.elements.size() : variable.value.tokens.size(), "\n");
  }
  return out;
}

TEST(CDeclarations, FindsVariablesWhateverStandsAroundThem) {
  EXPECT_EQ(declared("const char* labels[] = { \"a\", \"b\", };"), "char /labels list of 2\n");
  EXPECT_EQ(declared("ei_model_dsp_t blocks[blocks_size] = { { 1, &f }, };"), "ei_model_dsp_t /blocks list of 1\n");
  EXPECT_EQ(declared("const uint16_t axes[]  { 0, 11, 22 };"), "uint16_t /axes list of 3\n");
  EXPECT_EQ(declared("const ei_impulse_t a = impulse_8_5;"), "ei_impulse_t /a value of 1\n");
  EXPECT_EQ(declared("ei_impulse_handle_t& a = b;\nei_impulse_handle_t h = ei_impulse_handle_t( &i );"),
            "ei_impulse_handle_t /a value of 1\nei_impulse_handle_t /h value of 5\n");
  EXPECT_EQ(declared("namespace one { int a = 1; namespace { int b = 2; } int c = 3; } int d = 4;"),
            "int one/a value of 1\nint /b value of 1\nint one/c value of 1\nint /d value of 1\n");
  EXPECT_EQ(declared("extern \"C\" { int f(void) { int x = 1; return x; } int y = 2; }"), "int /y value of 1\n");
  EXPECT_EQ(declared("uint8_t x[4] __attribute__((aligned(16))) = { 1 };"), "uint8_t /x list of 1\n");
  EXPECT_EQ(declared("auto l = new const char*[4] { \"a\", \"b\" };"), "auto /l list of 2\n");
  EXPECT_EQ(declared("c clusters[2] = { { ( float[] ) { 1.0, 2.0 }, 3.0 }, { ( float[] ) { 4.0 }, 5.0 } };"),
            "c /clusters list of 2\n");
}

TEST(CDeclarations, ReadsFieldsOfRecordsInOrder) {
  const auto text = tokenize(
      "typedef struct { const char *name; int axis[4], other; int:0; } named_t; struct plain { float x; };"
      "typedef struct tag { int y; } typed_t; enum e { A, B };");
  const auto records = read_declarations(text.tokens).records;
  ASSERT_EQ(records.size(), 4U);
  EXPECT_EQ(records[0].name, "named_t");
  EXPECT_THAT(records[0].fields, ElementsAre("name", "axis", "other"));
  EXPECT_EQ(records[1].name, "plain");
  EXPECT_THAT(records[1].fields, ElementsAre("x"));
  EXPECT_EQ(records[2].name, "typed_t");
  EXPECT_EQ(records[3].name, "e");
}

TEST(CDeclarations, ReadsDesignatorsAndNestedLists) {
  const auto text = tokenize("t x = { .a = 1, .b = { .c = \"s\", 2 }, .d = (void*)&y, int((96 / 8) / 2 - 1), };");
  const auto variables = read_declarations(text.tokens).variables;
  ASSERT_EQ(variables.size(), 1U);
  const auto& elements = variables[0].value.elements;
  ASSERT_EQ(elements.size(), 4U);
  EXPECT_EQ(elements[0].designator, "a");
  EXPECT_TRUE(elements[1].value.is_list);
  EXPECT_EQ(elements[1].value.elements[0].designator, "c");
  EXPECT_EQ(elements[1].value.elements[1].designator, "");
  EXPECT_EQ(elements[2].value.tokens.size(), 6U);
  EXPECT_EQ(elements[3].designator, "");
}

TEST(CDeclarations, SurvivesUnbalancedBrackets) {
  EXPECT_EQ(declared("int a = { 1, ( 2 ; int b = 3;"), "int /a list of 2\n");
  EXPECT_EQ(declared("} } int a = 1; ) ] int b = 2;"), "int /a value of 1\nint /b value of 1\n");
  EXPECT_EQ(declared("int a = { ; int b = 2;"), "int /a list of 0\nint /b value of 1\n");
}

double value_of(std::string_view expression) {
  const auto text = tokenize(expression);
  const auto value = evaluate(text.tokens, [](std::string_view name) -> std::optional<std::string_view> {
    if (name == "COUNT") return "(96 * 96)";
    if (name == "LOOP") return "LOOP";
    return std::nullopt;
  });
  return value.value_or(-999);
}

TEST(Evaluate, FollowsPrecedenceNamesAndCasts) {
  EXPECT_EQ(value_of("9216"), 9216);
  EXPECT_EQ(value_of("1 + 2 * 3 - 8 / 4"), 5);
  EXPECT_EQ(value_of("(COUNT / 4) * (1 + 2)"), 6912);
  EXPECT_EQ(value_of("-128"), -128);
  EXPECT_EQ(value_of("-(2 - -3)"), -5);
  EXPECT_EQ(value_of("(int32_t)(16000 / 0.0625) * 2"), 512000);
  EXPECT_EQ(value_of("EI_CLASSIFIER_LAST_LAYER_YOLOV11_ABS"), 14);
  EXPECT_EQ(value_of("0.5f"), 0.5);
  EXPECT_EQ(value_of("0x1F"), 31);
  EXPECT_EQ(value_of("62.5"), 62.5);
}

TEST(Evaluate, GivesNothingWhereItIsNotSure) {
  for (const auto expression : {"", "1 +", "(1", "1)", "LOOP", "UNKNOWN", "1 / 0", "f(1)", "a ? 1 : 2", "\"1\"", "1 2",
                                "0x", "1e999", "08.5.1"}) {
    EXPECT_EQ(value_of(expression), -999) << expression;
  }
  EXPECT_EQ(value_of(std::string(100000, '(') + "1" + std::string(100000, ')')), -999);
  EXPECT_EQ(value_of(std::string(100000, '-') + "1"), -999);
}

}  // namespace
}  // namespace es::edge_impulse
