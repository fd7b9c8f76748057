// SPDX-License-Identifier: Apache-2.0
//
// GObject properties as rows of a table: name, meaning, field, range. From a row come the registration, reading and
// writing, gst-inspect's text and docs/elements.md. The default is what a default-constructed Options holds.
//
// Fields are read and written under the object's lock; an element takes a copy (options_of) and works on that.
#pragma once

#include <glib-object.h>

#include <limits>
#include <span>
#include <string>
#include <type_traits>
#include <variant>

namespace es::gst {

template <typename Options>
struct Property {
  using Field = std::variant<bool Options::*, int Options::*, unsigned Options::*, double Options::*,
                             std::string Options::*, void * Options::*>;

  const char* name;
  const char* blurb;
  Field field;
  // Of a number; both 0: whatever its type holds.
  double minimum = 0;
  double maximum = 0;
  // Makes an int field an enumeration.
  GType (*enumeration)() = nullptr;
  // May be set while the pipeline plays.
  bool live = false;
};

// What a property that only a GPU would heed says of itself.
inline constexpr const char* no_effect = "Accepted; without effect on a CPU.";

namespace detail {

template <typename Number, typename Options>
Number lower(const Property<Options>& row) {
  const bool given = row.minimum != 0 || row.maximum != 0;
  return given ? static_cast<Number>(row.minimum) : std::numeric_limits<Number>::lowest();
}

template <typename Number, typename Options>
Number upper(const Property<Options>& row) {
  const bool given = row.minimum != 0 || row.maximum != 0;
  return given ? static_cast<Number>(row.maximum) : std::numeric_limits<Number>::max();
}

template <typename Options>
GParamSpec* spec_of(const Property<Options>& row, GParamFlags flags) {
  [[maybe_unused]] static const Options defaults{};  // of no use to a row for a pointer
  return std::visit(
      [&](auto field) -> GParamSpec* {
        const auto& value = defaults.*field;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, bool>) {
          return g_param_spec_boolean(row.name, row.name, row.blurb, value, flags);
        } else if constexpr (std::is_same_v<Value, int>) {
          if (row.enumeration != nullptr) {
            return g_param_spec_enum(row.name, row.name, row.blurb, row.enumeration(), value, flags);
          }
          return g_param_spec_int(row.name, row.name, row.blurb, lower<int>(row), upper<int>(row), value, flags);
        } else if constexpr (std::is_same_v<Value, unsigned>) {
          return g_param_spec_uint(row.name, row.name, row.blurb, lower<unsigned>(row), upper<unsigned>(row), value,
                                   flags);
        } else if constexpr (std::is_same_v<Value, double>) {
          return g_param_spec_double(row.name, row.name, row.blurb, lower<double>(row), upper<double>(row), value,
                                     flags);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return g_param_spec_string(row.name, row.name, row.blurb, value.c_str(), flags);
        } else {
          return g_param_spec_pointer(row.name, row.name, row.blurb, flags);
        }
      },
      row.field);
}

}  // namespace detail

// Property ids are row numbers from 1 on.
template <typename Options>
void install_properties(GObjectClass* object_class, std::span<const Property<Options>> rows) {
  guint id = 0;
  for (const auto& row : rows) {
    // GST_PARAM_MUTABLE_PLAYING and GST_PARAM_MUTABLE_READY of gstparamspecs.h.
    const guint mutability = 1u << (G_PARAM_USER_SHIFT + (row.live ? 4 : 2));
    const auto flags = static_cast<GParamFlags>(G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | mutability);
    g_object_class_install_property(object_class, ++id, detail::spec_of(row, flags));
  }
}

template <typename Options>
void set_field(const Property<Options>& row, Options& options, const GValue* value) {
  std::visit(
      [&](auto field) {
        auto& target = options.*field;
        using Value = std::remove_reference_t<decltype(target)>;
        if constexpr (std::is_same_v<Value, bool>) {
          target = g_value_get_boolean(value) != FALSE;
        } else if constexpr (std::is_same_v<Value, int>) {
          target = row.enumeration != nullptr ? g_value_get_enum(value) : g_value_get_int(value);
        } else if constexpr (std::is_same_v<Value, unsigned>) {
          target = g_value_get_uint(value);
        } else if constexpr (std::is_same_v<Value, double>) {
          target = g_value_get_double(value);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          const char* text = g_value_get_string(value);
          target = text != nullptr ? text : "";
        } else {
          target = g_value_get_pointer(value);
        }
      },
      row.field);
}

template <typename Options>
void get_field(const Property<Options>& row, const Options& options, GValue* value) {
  std::visit(
      [&](auto field) {
        const auto& source = options.*field;
        using Value = std::remove_cvref_t<decltype(source)>;
        if constexpr (std::is_same_v<Value, bool>) {
          g_value_set_boolean(value, source);
        } else if constexpr (std::is_same_v<Value, int>) {
          row.enumeration != nullptr ? g_value_set_enum(value, source) : g_value_set_int(value, source);
        } else if constexpr (std::is_same_v<Value, unsigned>) {
          g_value_set_uint(value, source);
        } else if constexpr (std::is_same_v<Value, double>) {
          g_value_set_double(value, source);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          g_value_set_string(value, source.c_str());
        } else {
          g_value_set_pointer(value, source);
        }
      },
      row.field);
}

}  // namespace es::gst
