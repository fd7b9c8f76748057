// SPDX-License-Identifier: Apache-2.0
//
// Parsers in a shared library of the user's (custom-lib-path), called through DeepStream's C++ interface.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "postprocess/classifier.h"
#include "postprocess/decoder.h"

namespace es::postprocess {

// A library that stays loaded as long as the object lives.
class CustomLibrary {
 public:
  // Throws unreadable where there is no such file, environment where the loader refuses it (with the loader's reason).
  explicit CustomLibrary(const std::filesystem::path& path);
  ~CustomLibrary();
  CustomLibrary(const CustomLibrary&) = delete;
  CustomLibrary& operator=(const CustomLibrary&) = delete;

  // Null where it has no function of this name.
  void* function(const std::string& name) const;

 private:
  void* handle_ = nullptr;
};

// Decoders over a function of the library, which they keep loaded (the pointer is shared with other functions of the
// same library). A parser that reports failure, throws, or was built for DeepStream 8 or older, gives nothing and an
// error in the log. Calls are made one at a time, as DeepStream makes them.
std::unique_ptr<Decoder> open_custom_decoder(std::shared_ptr<CustomLibrary> library, const std::string& function,
                                             std::span<const TensorSpec> outputs, const DecoderParams& params);
std::unique_ptr<AttributeParser> open_custom_classifier(std::shared_ptr<CustomLibrary> library,
                                                        const std::string& function,
                                                        std::span<const TensorSpec> outputs,
                                                        const ClassifierParams& params);

}  // namespace es::postprocess
