// SPDX-License-Identifier: Apache-2.0
//
// Everything in this project is compiled with hidden visibility. What DeepStream's headers declare is the exception:
// seen first through this file, those functions are exported, and nothing else of the library is.
#pragma once

#include <glib.h>
#include <gmodule.h>
#include <stdbool.h>
#include <stdint.h>

#pragma GCC visibility push(default)
#include "edgestream/deepstream/nvbufsurface.h"
#include "edgestream/deepstream/nvds_version.h"
#include "edgestream/deepstream/nvdsinfer.h"
#include "edgestream/deepstream/nvdsmeta.h"
#pragma GCC visibility pop
