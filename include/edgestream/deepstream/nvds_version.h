// SPDX-License-Identifier: Apache-2.0
//
// The release of DeepStream whose API these headers have.
#ifndef _NVDS_VERSION_H_
#define _NVDS_VERSION_H_

#define NVDS_VERSION_MAJOR 9
#define NVDS_VERSION_MINOR 1
#define NVDS_VERSION_MICRO 0

#ifdef __cplusplus
extern "C" {
#endif

void nvds_version(unsigned int* major, unsigned int* minor);
// Print one line to stdout.
void nvds_version_print(void);
void nvds_dependencies_version_print(void);

#ifdef __cplusplus
}
#endif

#endif  // _NVDS_VERSION_H_
