#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One small model for every use of every translated operator, with what LiteRT makes of it.

Writes <family>.cases beside itself, and the smallest model of each family as a seed for the fuzzer of the reader.
Needs the packages of requirements.txt; the seed of each case is its name. Families as arguments make those alone.
"""
import pathlib
import sys

import cases_arithmetic  # noqa: F401, each registers its families
import cases_assemble  # noqa: F401
import cases_detection  # noqa: F401
import cases_index  # noqa: F401
import cases_integers  # noqa: F401
import cases_movement  # noqa: F401
import cases_spatial  # noqa: F401
from families import FAMILIES, REFERENCE_KERNELS
from litert import OpResolverType, record

HERE = pathlib.Path(__file__).resolve().parent
SEEDS = HERE.parents[2] / "fuzz/corpus/tflite_reader"


def main():
    SEEDS.mkdir(parents=True, exist_ok=True)
    for stem in sys.argv[1:] or FAMILIES:
        cases = [(case, exact, m.build(), m.input_arrays) for case, exact, m in FAMILIES[stem]()]
        kernels = OpResolverType.BUILTIN_REF if stem in REFERENCE_KERNELS else OpResolverType.AUTO
        record(HERE / f"{stem}.cases", cases, kernels)
        (SEEDS / f"{stem}.tflite").write_bytes(min((model for _, _, model, _ in cases), key=len))


if __name__ == "__main__":
    main()
