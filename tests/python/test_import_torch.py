"""`Network.from_torch`: the same function as the module, and complexes of it."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt

torch = pytest.importorskip("torch", reason="torch is not installed")
nn, F = torch.nn, torch.nn.functional


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


def trained(module):
    """In eval mode, with batch statistics that are not trivial."""
    for layer in module.modules():
        if isinstance(layer, nn.modules.batchnorm._BatchNorm):
            layer.running_mean.normal_()
            layer.running_var.uniform_(0.5, 2.0)
            if layer.affine:
                nn.init.normal_(layer.weight)
                nn.init.normal_(layer.bias)
    return module.eval()


def outputs(module, X):
    """The module's outputs, computed in double precision with its weights."""
    with torch.no_grad():
        tensor = torch.tensor(X)
        return module.double()(tensor).reshape(len(X), -1).numpy()


def check(module, shape, *, given=True, count=30):
    module = trained(module).double()
    net = rt.Network.from_torch(module, shape if given else None)
    X = np.random.default_rng(0).standard_normal((count, *np.atleast_1d(shape)))
    expected = outputs(module, X)
    np.testing.assert_allclose(net.forward(X.reshape(count, -1)), expected, rtol=1e-9, atol=1e-9)
    return net


class Residual(nn.Module):
    """Convolution, normalisation, residual sum, leaky ReLU and maximum on 1 x h x w images."""

    def __init__(self, channels=2, size=4, outputs=2):
        super().__init__()
        self.stem = nn.Conv2d(1, channels, 3, padding="same")
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.second = nn.Conv2d(channels, channels, 1)
        self.leaky = nn.LeakyReLU(0.125)
        self.pool = nn.MaxPool2d(2)
        self.dropout = nn.Dropout()
        self.last = nn.Linear(channels * (size // 2) ** 2, outputs)

    def forward(self, x):
        x = self.stem(x).relu()
        y = torch.relu(self.norm(self.first(x)))
        y = self.leaky(x + self.second(y))
        y = self.pool(y)
        return self.last(self.dropout(y.view(y.size(0), -1)))


class Functions(nn.Module):
    """What stands between layers in a forward method."""

    def __init__(self):
        super().__init__()
        self.a, self.b, self.c = nn.Linear(3, 4), nn.Linear(3, 4), nn.Linear(11, 2)
        self.shift = nn.Parameter(torch.randn(4))
        self.register_buffer("mean", torch.randn(3))

    def forward(self, x):
        x = x - self.mean
        a = F.relu(self.a(x)) + self.shift
        b = F.leaky_relu(-self.b(x) * 0.5 + 1, negative_slope=0.25)
        n = x.shape[0]
        both = torch.cat([a, torch.maximum(a, b), x], dim=1).reshape(n, 11)
        both = both.unsqueeze(1).squeeze(1).contiguous()
        c = F.dropout(self.c(both), training=self.training)
        return torch.flatten(2 - c, 1) - torch.sub(c, c.relu(), alpha=2).div(4) + c @ self.square()

    def square(self):
        return self.shift.reshape(2, 2)


SEQUENCES = {
    "chain": (lambda: nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), 3, "3-4-2"),
    "nested": (
        lambda: nn.Sequential(
            nn.Sequential(nn.Identity(), nn.Linear(3, 4)),
            nn.Sequential(nn.ReLU(), nn.Dropout(0.5), nn.Linear(4, 2, bias=False)),
        ),
        3,
        "3-4-2",
    ),
    "two matrices": (lambda: nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 2)), 3, None),
    "one matrix": (lambda: nn.Sequential(nn.Linear(3, 4)), 3, "3-0+3-4"),
    "relu first": (lambda: nn.Sequential(nn.ReLU(), nn.Linear(3, 2)), 3, "3-3-2"),
    "relu last": (lambda: nn.Sequential(nn.Linear(3, 2), nn.ReLU()), 3, "3-2-2"),
    "conv1d": (
        lambda: nn.Sequential(nn.Conv1d(2, 4, 3, 2, 1, 2, groups=2), nn.ReLU(), nn.Flatten()),
        (2, 9),
        "18-16-16",
    ),
    "conv2d, all kinds of pooling": (
        lambda: nn.Sequential(
            nn.Conv2d(1, 2, (2, 3), (1, 2), (1, 0)),
            nn.ReLU(),
            nn.AvgPool2d(2, 1, 1, count_include_pad=False),
            nn.MaxPool2d(3, 2, 1, ceil_mode=True),
            nn.AdaptiveAvgPool2d(1),
        ),
        (1, 5, 7),
        None,
    ),
    "padded averages": (
        lambda: nn.Sequential(nn.Conv2d(1, 1, 2), nn.AvgPool2d(3, 2, 1, ceil_mode=True)),
        (1, 7, 7),
        None,
    ),
    "divisor of averages": (
        lambda: nn.Sequential(nn.AvgPool2d(2, divisor_override=3), nn.ReLU(), nn.Flatten()),
        (1, 4, 4),
        "16-4-4",
    ),
    "pooling along a line": (
        lambda: nn.Sequential(
            nn.Unflatten(1, (2, 6)), nn.MaxPool1d(2), nn.AvgPool1d(3), nn.AdaptiveAvgPool1d(1)
        ),
        12,
        None,
    ),
    "adaptive averages": (
        lambda: nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(), nn.AdaptiveAvgPool2d((2, None))),
        (1, 5, 3),
        None,
    ),
    "batch norm after linear": (
        lambda: nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4), nn.ReLU(), nn.Linear(4, 1)),
        3,
        "3-0+4-4-1",
    ),
    "batch norm without weights": (
        lambda: nn.Sequential(nn.BatchNorm1d(3, affine=False), nn.ReLU()),
        3,
        "3-3-3",  # its bias -mean * scale takes two doubles
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences(name):
    build, shape, widths = SEQUENCES[name]
    net = check(build(), shape)
    assert widths is None or repr(net) == f"Network({widths})"


def test_a_chain_is_read_weight_by_weight():
    module = nn.Sequential(nn.Flatten(), nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 1, bias=False))
    layers = [
        (module[1].weight.detach().numpy(), module[1].bias.detach().numpy()),
        (module[3].weight.detach().numpy(), np.zeros(1)),
    ]
    assert rt.Network.from_torch(module) == rt.Network(layers)
    assert rt.Network.from_torch(module.bfloat16()).layers[0][0].dtype == np.float64


def test_functions_between_layers():
    check(Functions(), 3)
    assert check(Functions(), 3, given=False).input_dim == 3


def test_residual_network():
    net = check(Residual(), (1, 4, 4))
    assert net.n_neurons == 32 + 32 + 32 + 8 * 3


@pytest.mark.parametrize("dim", [2, 3])
def test_complex_of_a_convolutional_network(dim):
    """On a plane and a space of images: f is the module's, on every cell."""
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)
    module = trained(Residual(channels=1, outputs=1)).double()
    net = rt.Network.from_torch(module, (1, 4, 4))
    A, c = np.random.default_rng(1).standard_normal((2, 16, dim))[0], np.full(16, 0.25)
    cx = rt.decompose(net.after_affine(A, c), rt.Box(-0.5, 0.5))
    assert cx.n_cells > 10
    cx.validate()
    rt.verify(cx, sample=10).raise_if_failed()
    points = cx.interior_points
    maps, constants = cx.affine_maps()
    values = np.einsum("kmn,kn->km", maps, points) + constants
    images = (points @ A.T + c).reshape(-1, 1, 4, 4)
    np.testing.assert_allclose(values, outputs(module, images), rtol=1e-9, atol=1e-9)


def test_complex_of_a_small_network_with_everything():
    pytest.importorskip("cdd.gmp", reason="pycddlib with GMP is missing", exc_type=ImportError)

    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.fc, self.norm = nn.Linear(2, 4), nn.BatchNorm1d(4)
            self.conv, self.pool = nn.Conv1d(2, 2, 1), nn.MaxPool1d(2)
            self.last = nn.Linear(4, 1)

        def forward(self, x):
            y = F.leaky_relu(self.norm(self.fc(x)), 0.01)
            z = self.conv(y.view(-1, 2, 2)) + y.reshape(-1, 2, 2)
            return self.last(torch.cat([torch.flatten(self.pool(z), 1), x], 1))

    module = trained(Small()).double()
    cx = rt.decompose(module, rt.Box(-2, 2))
    assert cx.network.n_neurons == 4 + 2
    rt.verify(cx).raise_if_failed()
    values = [A @ x + c for A, c, x in zip(*cx.affine_maps(), cx.interior_points, strict=True)]
    np.testing.assert_allclose(values, outputs(module, cx.interior_points), rtol=1e-9, atol=1e-9)


class InPlace(nn.Module):
    def __init__(self, again):
        super().__init__()
        self.again = again
        self.first, self.relu = nn.Linear(3, 4), nn.ReLU(inplace=True)
        self.last = nn.Sequential(nn.Linear(4, 2), nn.LeakyReLU(0.5, inplace=True))

    def forward(self, x):
        y = self.first(x)
        z = y.view(-1, 2, 2)
        kept = y.clone()
        u = self.relu(y)
        u += kept
        u = F.relu(u.add_(1), inplace=True)
        if self.again == "itself":
            u = u + y
        if self.again == "a view":
            u = u + z.flatten(1)
        return self.last(u)


def test_operations_in_place():
    check(InPlace("nothing"), 3)


@pytest.mark.parametrize("again", ["itself", "a view"])
def test_values_that_were_overwritten_are_read_as_they_are_then(again):
    check(InPlace(again), 3)


def test_constants_in_the_code_have_the_precision_of_the_weights():
    leaky = nn.Sequential(nn.Linear(1, 1, bias=False), nn.LeakyReLU(0.1))
    with torch.no_grad():
        leaky[0].weight.fill_(1.0)
    assert rt.Network.from_torch(leaky).forward([[-1.0]]).item() == -float(np.float32(0.1))
    assert rt.Network.from_torch(leaky.double()).forward([[-1.0]]).item() == -0.1


class Calling(nn.Module):
    """A module that computes `function` after a linear layer of 2 inputs and 2 outputs."""

    def __init__(self, function, layer=None):
        super().__init__()
        self.function, self.first, self.layer = function, nn.Linear(2, 2), layer

    def forward(self, x):
        return self.function(self.first(x))


BAD = {
    "unknown layer": (lambda: nn.Sequential(nn.Linear(2, 2), nn.Tanh()), None, r"\.1`.*Tanh"),
    "unknown function": (lambda: Calling(torch.sin), None, "`sin` is not supported"),
    "unknown method": (lambda: Calling(lambda x: x.exp()), None, "`exp` is not supported"),
    "unknown operator": (lambda: Calling(lambda x: x**2), None, "`pow` is not supported"),
    "a product": (lambda: Calling(lambda x: x * x), None, "product of two computed"),
    "a matrix product": (lambda: Calling(lambda x: x @ x.T), None, "two computed"),
    "a reciprocal": (lambda: Calling(lambda x: 1 / x), None, "reciprocal.*not piecewise linear"),
    "a quotient": (lambda: Calling(lambda x: x / x), None, "division by a computed"),
    "a rounded quotient": (
        lambda: Calling(lambda x: torch.div(x, 3, rounding_mode="floor")),
        None,
        "rounded by 'floor'",
    ),
    "control flow": (
        lambda: Calling(lambda x: x if x.sum() > 0 else -x),
        None,
        "depends on the values of its input",
    ),
    "a number read": (lambda: Calling(lambda x: x * x.sum().item()), None, "depends on the values"),
    "a choice": (lambda: Calling(lambda x: torch.where(x > 0, x, -x)), None, "`gt`: it jumps"),
    "a cast": (lambda: Calling(lambda x: x.int().float()), None, "a cast to torch.int32"),
    "another output": (lambda: Calling(lambda x: torch.add(x, 1, out=x)), None, "writes into"),
    "indices": (lambda: Calling(lambda x: x.max(1)[1] + x), None, "indices of maxima"),
    "labels": (lambda: Calling(lambda x: x.argmax(1)), None, "`argmax`: it jumps"),
    "NumPy": (lambda: Calling(lambda x: torch.from_numpy(x.numpy())), None, "cannot be followed"),
    "random numbers": (lambda: Calling(lambda x: x + torch.rand(2)), None, "random numbers"),
    "a part of a constant": (lambda: Calling(written_into_zeros), None, "torch.zeros_like"),
    "an inner softmax": (
        lambda: nn.Sequential(nn.Linear(2, 2), nn.Softmax(1), nn.Linear(2, 2)),
        None,
        r"network\.2`.*only the last one",
    ),
    "a threshold that jumps": (
        lambda: nn.Sequential(nn.Linear(2, 2), nn.Threshold(0.5, 1.0)),
        None,
        "not continuous",
    ),
    "dropout in training": (
        lambda: nn.Sequential(nn.Linear(2, 2), nn.Dropout()).train(),
        None,
        r"network\.1`.*\(Dropout\).*draws random numbers.*eval\(\)",
    ),
    "nothing computed": (lambda: Calling(lambda x: "text"), None, "must return tensors"),
}


def written_into_zeros(x):
    result = torch.zeros(1, 2)
    result[:, 0] = x[:, 0]
    return result


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_supported_is_named(name):
    build, shape, message = BAD[name]
    with pytest.raises(rt.UnsupportedLayerError, match=message):
        rt.Network.from_torch(build(), shape)


INVALID = {
    "batch norm in training": (lambda: nn.Sequential(nn.BatchNorm1d(2)), 2, r"eval\(\)"),
    "no input shape": (lambda: nn.Sequential(nn.Conv2d(1, 1, 2)), None, "`input_shape`"),
    "a convolution first": (
        lambda: nn.Sequential(nn.Conv1d(1, 1, 3, padding=1), nn.Linear(4, 1)),
        None,
        "`input_shape`",
    ),
    "no layer with a shape": (lambda: nn.Sequential(nn.ReLU()), None, "`input_shape`"),
    "bad input shape": (lambda: nn.Sequential(nn.Conv2d(1, 1, 2)), (1, 0, 3), "positive integers"),
    "input shape does not fit": (lambda: nn.Sequential(nn.Linear(2, 1)), 3, r"network\.0`.*\(1, 3"),
    "channels do not fit": (lambda: nn.Sequential(nn.Conv2d(2, 1, 2)), (1, 4, 4), "1 channels"),
    "division by zero": (lambda: Calling(lambda x: x / 0), None, "division by zero"),
    "an infinite weight": (lambda: Calling(lambda x: x * float("inf")), None, "not finite"),
}


@pytest.mark.parametrize("name", INVALID)
def test_what_cannot_be_used_is_explained(name):
    build, shape, message = INVALID[name]
    with pytest.raises(rt.InvalidNetworkError, match=message):
        rt.Network.from_torch(build(), shape)


def plain(dtype=torch.float64):
    return nn.Sequential(
        nn.Linear(2, 5), nn.ReLU(), nn.Linear(5, 3), nn.ReLU(), nn.Linear(3, 2)
    ).to(dtype)


class Doubled(nn.Linear):
    def forward(self, x):
        return 2 * super().forward(x)


def changed(change):
    module = plain()
    change(module)
    return module


def column_by_column(weight):
    return nn.Parameter(weight.detach().T.clone().T)


CHAINS = {
    "double": plain,
    "single": lambda: plain(torch.float32),
    "no bias": lambda: nn.Sequential(nn.Linear(2, 4, bias=False), nn.ReLU(), nn.Linear(4, 1)),
    "nested": lambda: nn.Sequential(nn.Identity(), nn.Sequential(*plain()[:3]), *plain()[3:]),
    "frozen": lambda: plain().requires_grad_(False),
    "transposed": lambda: changed(lambda m: setattr(m[2], "weight", column_by_column(m[2].weight))),
}


@pytest.mark.parametrize("name", CHAINS)
def test_a_chain_that_is_not_run_is_read_as_if_it_were(name, monkeypatch):
    module = CHAINS[name]()
    traced = rt.Network.from_torch(module, 2)
    monkeypatch.setattr("relutope.network.importing.from_torch.graph_of_torch", None)
    assert rt.as_network(module) == traced
    assert all(W.flags.c_contiguous for W, _ in traced.layers)


def hook(module):
    module[1].register_forward_hook(lambda _, __, result: result / 2)


def pre_hook(module):
    module[2].register_forward_pre_hook(lambda _, given: (given[0] + 1,))


def method(module):
    module[2].forward = lambda x: nn.functional.linear(x, 2 * module[2].weight)


def whole_method(module):
    module.forward = lambda x: module[4](module[2](module[0](x)).relu())


def subclass(module):
    module[2] = Doubled(5, 3).double()


def parametrised(module):
    nn.utils.parametrizations.weight_norm(module[2])


def normalised(module):
    nn.utils.weight_norm(module[2])


def pruned(module):
    from torch.nn.utils import prune

    prune.random_unstructured(module[0], "weight", 3)


def without_effect(module):
    with torch.no_grad():
        module[2].weight.zero_()


@pytest.mark.filterwarnings("ignore:.*weight_norm")
@pytest.mark.parametrize(
    "change",
    [
        hook,
        pre_hook,
        method,
        whole_method,
        subclass,
        parametrised,
        normalised,
        pruned,
        without_effect,
    ],
)
def test_a_chain_with_something_else_in_it_is_run(change):
    module = changed(change)
    X = np.random.default_rng(0).standard_normal((20, 2))
    net = rt.as_network(module)
    assert net == rt.Network.from_torch(module, 2)
    np.testing.assert_allclose(net.forward(X), outputs(module, X), rtol=1e-9, atol=1e-9)


def test_hooks_on_all_modules_are_heeded():
    def halved(part, _, result):
        return result / 2 if isinstance(part, nn.ReLU) else None

    handle = nn.modules.module.register_module_forward_hook(halved)
    try:
        net, expected = rt.as_network(plain()), rt.as_network(plain())
    finally:
        handle.remove()
    torch.manual_seed(0)
    assert net != rt.as_network(plain())
    assert net.input_dim == expected.input_dim


def test_what_does_not_fit_in_a_chain_is_named():
    with pytest.raises(rt.RelutopeError, match="no matrix product"):
        rt.as_network(nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(4, 1)))
    module = plain()
    with torch.no_grad():
        module[0].weight[1, 1] = torch.inf
    with pytest.raises(rt.InvalidNetworkError, match=r"W of layer 0.* inf at index \(1, 1\)"):
        rt.as_network(module)
