// SPDX-License-Identifier: Apache-2.0
//
// Numbers too small for a float's exponent slow a processor down a hundredfold and mean nothing to a network: while a
// model runs they are flushed to zero. The caller's thread gets its mode back.
#pragma once

#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace es::backend {

class FlushDenormals {
 public:
  FlushDenormals() : before_(read()) { write(before_ | flush_bits); }
  ~FlushDenormals() { write(before_); }
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

 private:
#if defined(__x86_64__)
  using Mode = unsigned;
  static constexpr Mode flush_bits = 0x8040;  // MXCSR: results to zero, operands are zero
  static Mode read() { return _mm_getcsr(); }
  static void write(Mode mode) { _mm_setcsr(mode); }
#elif defined(__aarch64__)
  using Mode = uint64_t;
  static constexpr Mode flush_bits = uint64_t{1} << 24;  // FPCR.FZ
  static Mode read() {
    Mode mode;
    asm volatile("mrs %0, fpcr" : "=r"(mode));
    return mode;
  }
  static void write(Mode mode) { asm volatile("msr fpcr, %0" : : "r"(mode)); }
#else
  using Mode = unsigned;
  static constexpr Mode flush_bits = 0;
  static Mode read() { return 0; }
  static void write(Mode) {}
#endif

  Mode before_;
};

}  // namespace es::backend
