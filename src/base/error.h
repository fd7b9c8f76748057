// SPDX-License-Identifier: Apache-2.0
//
// The one error type, and how it is thrown.
//
// A message reads "where: what was found, what was needed; what to do" on one
// line. The kind decides the exit code of the command line and nothing else.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>

#include "base/text.h"

namespace es {

// What went wrong, by who can mend it. The values are the exit codes of the command line (docs/exit-codes.md).
enum class ErrorKind {
  internal = 1,     // a defect of ours
  usage = 2,        // the command line or a property: another option is needed
  unreadable = 3,   // a file is not there, or may not be read
  malformed = 4,    // a file is damaged, truncated, hostile, or of another kind than said
  unsupported = 5,  // recognised, sound, and not something we can use; the message says what to do instead
  mismatch = 6,     // two things that must agree do not: a proof of equality failed, labels do not fit a model
  environment = 7,  // the machine: no such device or plugin, disk full, folder not writable
};

class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

// Throws Error(kind) with the parts written one after the other.
template <typename... Parts>
[[noreturn]] void fail(ErrorKind kind, const Parts&... parts) {
  throw Error(kind, text(parts...));
}

// Throws unless `ok`. The parts are only written when it throws.
template <typename... Parts>
void require(bool ok, ErrorKind kind, const Parts&... parts) {
  if (!ok) fail(kind, parts...);
}

// Runs `body`; an Error that leaves it gets `where` and ": " in front, its kind kept. This is how a message comes to
// read from the outside to the inside: file, then op, then rule.
template <typename Body>
auto with_context(const std::string& where, Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const Error& error) {
    throw Error(error.kind(), where + ": " + error.what());
  }
}

}  // namespace es
