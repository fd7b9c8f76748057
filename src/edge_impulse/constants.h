// SPDX-License-Identifier: Apache-2.0
//
// The names that Edge Impulse's generated headers use for numbers, and the arithmetic they do with them.
//
// Names are resolved through this fixed table first: the headers define only some of them, not always the same ones,
// and the rest live in the SDK, which an importer does not read.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>

#include "edge_impulse/c_source.h"
#include "edge_impulse/project.h"

namespace es::edge_impulse {

// The number behind a name of the fixed table.
std::optional<double> named_constant(std::string_view name);

// What a name stands for beyond the fixed table: the tokens' text of a macro, or nothing.
using MacroLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

// The value of `+ - * /` over numbers, names, casts and parentheses. Nothing where anything else stands there, a name
// is unknown, or the work exceeds a fixed budget (macros that multiply themselves).
std::optional<double> evaluate(std::span<const Token> tokens, const MacroLookup& macros);

// A number literal with its suffixes ("0.5f", "16u", "0x10"); nothing where it is none.
std::optional<double> number_from(std::string_view literal);

// The head that a number of EI_CLASSIFIER_LAST_LAYER_* names; unknown for -1, 0 and numbers newer than the table.
Head head_of_last_layer(int number);

// The head that a decoder function of post-processing names ("process_fomo_i8"); nothing for a stage that works on
// another decoder's results (tracking, counting, calibration).
std::optional<Head> head_of_decoder(std::string_view function);

// The head behind EI_CLASSIFIER_CLASSIFICATION_MODE_*, EI_CLASSIFIER_MODE_* and EI_CLASSIFIER_TYPE_* names; nothing
// where the name leaves the head open (any detector).
std::optional<Head> head_of_mode(std::string_view name);

// The head behind a value of EI_CLASSIFIER_HAS_ANOMALY; nothing for 0.
std::optional<Head> head_of_anomaly(int number);

std::optional<ImageScaling> scaling_of_name(std::string_view name);

}  // namespace es::edge_impulse
