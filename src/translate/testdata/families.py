# SPDX-License-Identifier: Apache-2.0
"""The families of cases, and what several of them build with."""

import numpy as np

from litert import PADDING, Model, random

FAMILIES = {}
# Families whose recorded answers are those of the plain reference kernels.
REFERENCE_KERNELS = {"integers"}


def family(function):
    """Registers <stem>_cases, a generator of (case name, exact, Model).

    Exact: no arithmetic, so every bit must agree.
    """
    FAMILIES[function.__name__.removesuffix("_cases")] = function
    return function


def normal(name, *shape, scale=1.0):
    return (random(name).standard_normal(shape) * scale).astype(np.float32)


def windows(n, k, s, d, padding):
    """How many windows of k pixels, s apart, d spread, stand on n pixels."""
    reach = (k - 1) * d + 1
    return -(-n // s) if padding == PADDING.SAME else (n + s - reach) // s


def two(code, a, b, shape, options=None, out_type=np.float32, version=1):
    m = Model()
    return m.output(m.op(code, [m.input(a), b(m)], shape, options, out_type, version))


def one(code, x, options=None, out_type=np.float32, version=1):
    m = Model()
    return m.output(m.op(code, [m.input(x)], list(x.shape), options, out_type, version))
