// SPDX-License-Identifier: Apache-2.0
//
// Each file of this folder puts its rows into the table.
#pragma once

#include "translate/op_table.h"

namespace es::translate {

void register_assemble(OpTable& table);
void register_batch_space(OpTable& table);
void register_conv(OpTable& table);
void register_dense(OpTable& table);
void register_detection(OpTable& table);
void register_elementwise(OpTable& table);
void register_fill(OpTable& table);
void register_index(OpTable& table);
void register_join(OpTable& table);
void register_normalize(OpTable& table);
void register_pad(OpTable& table);
void register_pool(OpTable& table);
void register_quantize(OpTable& table);
void register_reduce(OpTable& table);
void register_resize(OpTable& table);
void register_shape(OpTable& table);
void register_slice(OpTable& table);
void register_unsupported(OpTable& table);

}  // namespace es::translate
