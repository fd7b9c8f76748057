// SPDX-License-Identifier: Apache-2.0
//
// For tests that use GStreamer, where they run under AddressSanitizer.
//
// GLib gives up its first table of quarks when that is full, on purpose, as others may still be reading it. It was made
// by the library's constructor; LeakSanitizer sees no more than g_malloc() there unless it unwinds thoroughly, and then
// the loader is what tells it from our leaks.
#pragma once

#if defined(__SANITIZE_ADDRESS__)
extern "C" {

__attribute__((used, visibility("default"))) inline const char* __asan_default_options() {
  return "fast_unwind_on_malloc=0";
}

__attribute__((used, visibility("default"))) inline const char* __lsan_default_suppressions() {
  return "leak:ld-linux\n";
}

}  // extern "C"
#endif
