"""Results do not depend on the floating-point environment that the process has set."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import itertools
import platform
import subprocess
import sys
from fractions import Fraction
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import foreign_arithmetic as fa
import relutope as rt
from relutope.common.arithmetic import ieee_arithmetic, is_guarded

pytestmark = pytest.mark.skipif(
    platform.system() != "Linux" or platform.machine() not in fa.ROUNDING,
    reason="sets the environment by glibc's numbers",
)

SUBNORMAL = 2.0**-1060


@pytest.mark.parametrize("mode", fa.MODES)
def test_the_environment_is_really_another_one(mode):
    """Or the tests below would show nothing."""
    values = np.array([SUBNORMAL, -SUBNORMAL, 1.0, -1.0, 5.0, -5.0])
    with fa.foreign(mode):
        got = values / 3.0
    assert got.tobytes() != (values / 3.0).tobytes()


@pytest.mark.parametrize("mode", fa.MODES)
def test_inside_arithmetic_is_ours_and_afterwards_the_process_s_again(mode):
    values = np.array([SUBNORMAL, -SUBNORMAL, 1.0, -1.0, 5.0, -5.0])
    thirds = ieee_arithmetic(lambda: values / 3.0)
    failing = ieee_arithmetic(lambda: 1 // 0)
    with fa.foreign(mode):
        inside = thirds()
        with contextlib.suppress(ZeroDivisionError):
            failing()
        after = values / 3.0
    assert inside.tobytes() == (values / 3.0).tobytes()
    assert after.tobytes() != inside.tobytes()


def test_a_generator_is_refused():
    with pytest.raises(TypeError, match="generator"):

        @ieee_arithmetic
        def numbers():
            yield 1


# Names that compute nothing exact, and why.
FREE = {
    "Checkpoints": "reads files, calls guarded functions",
    "Schedule": "integers",
    "Tracker": "called inside the user's training, calls guarded functions",
    "mlp": "torch's own arithmetic",
    "train": "torch's own arithmetic, the user's settings",
}


def public_names() -> list[tuple[ModuleType, str]]:
    modules = [rt, importlib.import_module("relutope.topology")]
    return [(module, name) for module in modules for name in module.__all__]


@pytest.mark.parametrize(
    ("module", "name"), public_names(), ids=lambda value: getattr(value, "__name__", str(value))
)
def test_every_public_name_runs_in_our_arithmetic(module, name):
    value = getattr(module, name)
    if name in FREE or (isinstance(value, type) and issubclass(value, Exception)):
        return
    if isinstance(value, ModuleType) or not callable(value):
        return
    has_code = not inspect.isclass(value) or any(
        inspect.isfunction(member) or isinstance(member, (property, classmethod))
        for key, member in vars(value).items()
        if not key.startswith("_") or key in ("__init__", "__post_init__")
    )
    assert is_guarded(value) or not has_code
    bases = value.__mro__ if inspect.isclass(value) else ()
    ours = [base for base in bases if base.__module__.startswith("relutope.")]
    assert all(is_guarded(base) for base in ours if has_code)


@pytest.mark.parametrize("dtype", ["float32", "float64", "float16"])
@pytest.mark.parametrize("mode", fa.MODES)
def test_subnormal_weights_are_kept(mode, dtype):
    """float32 numbers of 1e-40 are zero for a process that takes denormals for zero."""
    tiny = {"float16": 3e-8, "float32": 1e-40, "float64": 5e-324}[dtype]
    weight = np.array([[1, 0], [0, 1]], dtype=dtype) * np.array(tiny, dtype=dtype)
    bias, out = np.zeros(2, dtype=dtype), np.ones((1, 2), dtype=dtype)
    with fa.foreign(mode):
        net = rt.Network([(weight, bias), (out, bias[:1])])
        cells = rt.decompose(net, rt.Box(-1, 1)).n_cells
        located = rt.decompose(net, rt.Box(-1, 1)).locate([[5e-324, 0.5], [-5e-324, 0.5]])
    assert cells == 4
    assert located[0] != located[1]
    assert Fraction(float(net.layers[0][0][0, 0])) == Fraction(float(weight[0, 0]))


@pytest.mark.parametrize("dtype", ["float32", "bfloat16", "float16", "float64"])
@pytest.mark.parametrize("mode", fa.MODES)
def test_subnormal_weights_of_modules_are_kept(mode, dtype):
    import torch

    kind = getattr(torch, dtype)
    module = torch.nn.Sequential(
        torch.nn.Linear(300, 300), torch.nn.ReLU(), torch.nn.Linear(300, 1)
    ).to(kind)
    with torch.no_grad():
        module[0].weight.copy_(torch.eye(300, dtype=kind) * torch.finfo(kind).smallest_normal)
        module[0].weight.mul_(0.25)
    expected = rt.Network.from_torch(module).layers[0][0].tobytes()
    with fa.foreign(mode):
        got = rt.Network.from_torch(module).layers[0][0].tobytes()
    assert got == expected
    assert np.frombuffer(expected).any()


@pytest.mark.parametrize("kind", ["Linear", "computed weights", "tensors"])
def test_torch_s_threads_that_flush_change_no_weight(kind):
    """Threads inherit the flags of the one that starts them, and nothing takes them back."""
    found = subprocess.run(
        [sys.executable, fa.__file__.replace("foreign_arithmetic", "flushing_threads"), kind],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (found.returncode, found.stdout) == (0, "all kept\n"), found.stdout + found.stderr


def hat(size: float) -> list[Any]:
    return [([[size], [-size], [size]], [0.0, size, -size]), ([[1.0, 1.0, -2.0]], [0.0])]


CASES = {
    "subnormal": (hat(SUBNORMAL), rt.Box(-2, 2)),
    "subnormal on the line": (hat(SUBNORMAL), None),
    "tiny box": (hat(1.0), rt.Box(-SUBNORMAL, 1.0)),
    "normal, with a subnormal product": (
        [([[2.0**-1000, 2.0**-1001]], [0.0]), ([[1.0]], [0.0])],
        rt.Box(-(2.0**400), 2.0**400),
    ),
    "different scales": (
        [([[5e-324, 1.0], [1.0, -5e-324], [1.0, 1.0]], [0.0, 0.0, -5e-324]), ([[1.0] * 3], [0.0])],
        rt.Box(-1, 1),
    ),
    "thirds": (
        [([[0.1, 0.2], [0.3, -0.7], [-0.6, 0.1]], [0.3, 0.1, -0.2]), ([[0.1, 0.2, 0.3]], [0.1])],
        None,
    ),
}


@pytest.mark.parametrize("engine", ["vertex", "lp"])
@pytest.mark.parametrize("name", CASES)
def test_same_bytes(name, engine):
    layers, domain = CASES[name]
    points = np.random.default_rng(0).uniform(-1, 1, (8, len(layers[0][0][0])))
    assert fa.differences(lambda: rt.Network(layers), lambda: domain, engine, points) == []


@pytest.mark.parametrize("seed", range(3))
def test_fuzzed_networks_give_the_same_bytes(seed):
    for sample in itertools.islice(fa.small_samples(seed), 8):
        assert fa.sample_differences(sample) == [], sample.literal()


SMALL = ("a_braid_01", "a_boolean_02")


@pytest.mark.truth(where=lambda entry: entry["file"].removesuffix(".json") in SMALL)
def test_truth_cases_give_the_same_bytes(truth_case):
    layers, domain = truth_case.layers, truth_case.domain
    points = np.random.default_rng(0).uniform(-1, 1, (8, truth_case.dim))
    assert fa.differences(lambda: rt.Network(layers), lambda: domain, "vertex", points) == []
