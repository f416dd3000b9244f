"""What modules compute beside Linear and ReLU, read from torch: the same function, in double."""

from __future__ import annotations

import numpy as np
import pytest

import relutope as rt

torch = pytest.importorskip("torch", reason="torch is not installed")
nn, F = torch.nn, torch.nn.functional

MASK = torch.tensor([True, False, False, True])


class Calling(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function
        self.matrix = nn.Parameter(torch.randn(4, 4))
        self.vector = nn.Parameter(torch.randn(4))

    def forward(self, x):
        return self.function(self, x)


def check(module, shape):
    module = module.double().eval()
    net = rt.Network.from_torch(module, shape)
    X = 2 * np.random.default_rng(0).standard_normal((20, *shape))
    with torch.no_grad():
        rows = [module(torch.from_numpy(x[None])).reshape(-1).numpy() for x in X]
    found = net.forward(X.reshape(len(X), -1))
    np.testing.assert_allclose(found, np.array(rows), rtol=1e-9, atol=1e-9)
    return net


VECTORS = {
    "abs": lambda m, x: x.abs(),
    "add with alpha": lambda m, x: torch.add(x, m.vector, alpha=0.5) + torch.add(1, x, alpha=2),
    "addcmul": lambda m, x: torch.addcmul(x, m.vector, x, value=2),
    "addmm": lambda m, x: torch.addmm(m.vector, x, m.matrix, beta=0.5, alpha=2),
    "addmv": lambda m, x: torch.addmv(m.vector, m.matrix, x[0]),
    "amax": lambda m, x: torch.cat([x.amax(1), x.amin(1), x.amax()[None]]),
    "baddbmm": lambda m, x: torch.baddbmm(m.matrix[None, :1], x[None], m.matrix[None]),
    "bmm": lambda m, x: torch.bmm(x[None].expand(2, 1, 4), torch.stack([m.matrix, m.matrix.T])),
    "cat": lambda m, x: torch.cat([x, torch.ones(1, 2, dtype=x.dtype), -x], 1),
    "chunk": lambda m, x: torch.cat(x.chunk(3, 1)[::-1], 1),
    "clamp": lambda m, x: x.clamp(-0.3, 0.4) + x.clamp(min=0.1) + x.clamp(max=-0.1),
    "clamp by tensors": lambda m, x: x.clamp(-m.vector.abs(), m.vector.abs()),
    "clamp the wrong way round": lambda m, x: x.clamp(0.5, -0.5) + x,
    "clamp by computed": lambda m, x: torch.clamp(x, min=x.flip(1)),
    "clone and detach": lambda m, x: x.clone().detach().data.contiguous(),
    "cumsum": lambda m, x: x.cumsum(1),
    "diag": lambda m, x: torch.diag_embed(x),
    "diff": lambda m, x: x.diff(dim=1),
    "division": lambda m, x: x / 255 + x / m.vector + x.div(3.0),
    "dot": lambda m, x: torch.dot(x[0], m.vector)[None],
    "einsum": lambda m, x: torch.einsum("bi,ij,j->b", x, m.matrix, m.vector),
    "empty like": lambda m, x: torch.empty_like(x).copy_(x),
    "expand": lambda m, x: x[:, :, None].expand(1, 4, 2),
    "fill": lambda m, x: in_place(x, lambda y: y[:, 1:].fill_(2.5)),
    "flip and roll": lambda m, x: x.flip(1).roll(1, 1),
    "float": lambda m, x: x.double() + x.to(torch.float64),
    "full like": lambda m, x: torch.full_like(x, 2.0) + torch.zeros_like(x) + x.new_ones(4) + x,
    "gather": lambda m, x: x.gather(1, torch.tensor([[3, 0, 0]])),
    "hardsigmoid": lambda m, x: F.hardsigmoid(3 * x),
    "hardtanh": lambda m, x: F.hardtanh(x, -0.5, 2.0) + F.relu6(4 * x),
    "index": lambda m, x: x[:, [2, 0]] - x[:, 1:3],
    "index by a mask": lambda m, x: x[:, MASK],
    "index put": lambda m, x: in_place(x, lambda y: y.__setitem__((0, [1, 3]), x[0, :2])),
    "index select": lambda m, x: x.index_select(1, torch.tensor([1, 1, 3])),
    "leaky relu": lambda m, x: F.leaky_relu(x, 0.2) + F.leaky_relu_(x.clone(), -0.3),
    "lerp": lambda m, x: torch.lerp(x, m.vector[None], 0.25),
    "linear": lambda m, x: F.linear(x, m.matrix, m.vector) + F.linear(x, m.matrix),
    "masked fill": lambda m, x: x.masked_fill(MASK, 0.75) + x.masked_fill(~MASK, 0),
    "matmul": lambda m, x: x @ m.matrix + (m.matrix @ x.T).T + x @ m.vector,
    "matmul, batched": lambda m, x: x.reshape(2, 1, 2) @ m.matrix.reshape(2, 2, 4),
    "max": lambda m, x: torch.cat([x.max(1).values, x.min(1).values, x.max()[None], x.min()[None]]),
    "max of two": lambda m, x: torch.max(x, m.vector) + torch.min(x, x.flip(1)),
    "maximum": lambda m, x: torch.maximum(x, x.flip(1)) + torch.minimum(m.vector, x),
    "mean": lambda m, x: torch.cat([x.mean(1), x.mean()[None], x[:, :3].mean(-1)]),
    "movedim": lambda m, x: x.reshape(1, 2, 2).movedim(2, 1),
    "mv": lambda m, x: torch.mv(m.matrix, x[0]),
    "narrow": lambda m, x: x.narrow(1, 1, 2),
    "neg and rsub": lambda m, x: -x + (1 - x) + torch.rsub(x, m.vector, alpha=2),
    "pad": lambda m, x: F.pad(x, (1, 2), value=0.5) + F.pad(x, (0, 3)),
    "pad, cut": lambda m, x: F.pad(x, (-1, 2)),
    "pad, reflected": lambda m, x: F.pad(x, (2, 1), mode="reflect"),
    "pad, replicated": lambda m, x: F.pad(x[None], (2, 1), mode="replicate"),
    "prelu": lambda m, x: F.prelu(x, m.vector),
    "relu in place": lambda m, x: in_place(x, lambda y: y.relu_().add_(1).mul_(2)),
    "repeat": lambda m, x: x.repeat(2, 3) + x.repeat_interleave(3, 1),
    "rot90": lambda m, x: x.reshape(1, 2, 2).rot90(1, [1, 2]),
    "rrelu": lambda m, x: F.rrelu(x),
    "scatter": lambda m, x: torch.scatter(x, 1, torch.tensor([[2, 0]]), 3.0),
    "scatter computed": lambda m, x: torch.scatter(x, 1, torch.tensor([[2, 0]]), 2 * x),
    "select and unbind": lambda m, x: x.select(1, 2) + torch.unbind(x, 1)[0],
    "shape": lambda m, x: x.view(x.shape[0], x.size(1) // 2, -1) * x.numel() / x.dim(),
    "shared memory": lambda m, x: in_place(x, lambda y: y.view(2, 2)[1].mul_(3)),
    "softshrink": lambda m, x: F.softshrink(x, 0.3),
    "split": lambda m, x: torch.split(x, [1, 3], 1)[1] * 2,
    "squeeze": lambda m, x: x.unsqueeze(0).unsqueeze(-1).squeeze(),
    "stack": lambda m, x: torch.stack([x, x.relu()], -1),
    "sub with alpha": lambda m, x: torch.sub(x, x.relu(), alpha=0.5) - 3,
    "sum": lambda m, x: torch.cat([x.sum(1), x.sum()[None], x.sum((0, 1), keepdim=True)[0]]),
    "swapaxes": lambda m, x: x.swapaxes(0, 1).t(),
    "take": lambda m, x: x.take(torch.tensor([3, 1])),
    "tensor method out of place": lambda m, x: x.mul(m.vector).sub(1).neg(),
    "threshold": lambda m, x: F.threshold(x, 0.2, 0.2),
    "tile": lambda m, x: x.tile(2),
    "tril": lambda m, x: x.reshape(1, 2, 2).tril() + x.reshape(1, 2, 2).triu(1),
    "unflatten": lambda m, x: x.unflatten(1, (2, 2)).transpose(1, 2).flatten(1),
    "unfold": lambda m, x: x.unfold(1, 2, 1),
    "where": lambda m, x: torch.where(MASK, x, 2 * x) + torch.where(MASK, 1.0, x),
    "zero": lambda m, x: in_place(x, lambda y: y[0, :2].zero_()),
}


def in_place(x, change):
    y = x.clone()
    change(y)
    return y + x


@pytest.mark.parametrize("name", VECTORS)
def test_functions_of_vectors(name):
    torch.manual_seed(1)
    check(Calling(VECTORS[name]), (4,))


IMAGES = {
    "adaptive average": nn.AdaptiveAvgPool2d((3, 2)),
    "adaptive maximum": nn.AdaptiveMaxPool2d((2, 3)),
    "average": nn.AvgPool2d(3, 2, 1, ceil_mode=True),
    "average, no padding": nn.AvgPool2d((2, 3), 1, (1, 0), count_include_pad=False),
    "average, divisor": nn.AvgPool2d(2, divisor_override=3),
    "channel shuffle": nn.ChannelShuffle(2),
    "circular": nn.Conv2d(2, 1, 3, padding=(1, 2), padding_mode="circular"),
    "constant padding": nn.ConstantPad2d((1, 0, 2, 1), 0.5),
    "convolution": nn.Conv2d(2, 4, (2, 3), (2, 1), (1, 0), (2, 1), groups=2, bias=False),
    "instance padding": nn.Sequential(nn.ReflectionPad2d(2), nn.ReplicationPad2d((1, 0, 0, 1))),
    "linear upsampling": nn.Upsample(scale_factor=(2, 1.5), mode="bilinear"),
    "linear upsampling, aligned": nn.Upsample((7, 3), mode="bilinear", align_corners=True),
    "maximum": nn.MaxPool2d(3, 2, 1, ceil_mode=True),
    "maximum, dilated": nn.MaxPool2d(2, 1, dilation=(3, 2)),
    "nearest": nn.Upsample((7, 3)),
    "nearest, exact": nn.Upsample(scale_factor=1.5, mode="nearest-exact"),
    "pixel shuffle": nn.Sequential(nn.Conv2d(2, 4, 1), nn.PixelShuffle(2), nn.PixelUnshuffle(2)),
    "prelu": nn.PReLU(2),
    "normalisation": nn.BatchNorm2d(2),
    "same padding": nn.Conv2d(2, 1, (2, 4), padding="same", dilation=(1, 2)),
    "transposed": nn.ConvTranspose2d(2, 4, 3, (2, 3), 1, (1, 2), groups=2, dilation=(1, 2)),
    "unfold": nn.Unfold((2, 3), padding=1, stride=2),
}


@pytest.mark.parametrize("name", IMAGES)
def test_layers_of_images(name):
    torch.manual_seed(2)
    layer = IMAGES[name]
    if isinstance(layer, nn.BatchNorm2d):
        layer.running_mean.normal_()
        layer.running_var.uniform_(0.5, 2)
    check(nn.Sequential(layer, nn.ReLU()), (2, 5, 4))


OTHERS = {
    "three axes": (
        lambda: nn.Sequential(nn.Conv3d(1, 2, 2, padding=1), nn.MaxPool3d(2), nn.AvgPool3d(1)),
        (1, 3, 2, 4),
    ),
    "three axes, transposed": (
        lambda: nn.Sequential(nn.ConvTranspose3d(1, 1, 2, 2), nn.AdaptiveAvgPool3d((2, 1, 3))),
        (1, 1, 2, 2),
    ),
    "one axis": (
        lambda: nn.Sequential(
            nn.ConvTranspose1d(2, 3, 3, 2, 1, 1), nn.ReLU(), nn.AdaptiveMaxPool1d(3), nn.PReLU(3)
        ),
        (2, 4),
    ),
    "one axis, upsampled": (
        lambda: nn.Sequential(nn.Upsample(scale_factor=2, mode="linear"), nn.MaxPool1d(3, 2, 1)),
        (2, 4),
    ),
    "three axes, upsampled": (
        lambda: nn.Upsample(scale_factor=(1, 2, 1.5), mode="trilinear"),
        (1, 2, 2, 2),
    ),
    "circular": (lambda: nn.Conv1d(1, 2, 3, padding=2, padding_mode="circular"), (1, 4)),
    "wrapped": (lambda: nn.CircularPad2d(1), (1, 2, 3)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_numbers_of_axes(name):
    torch.manual_seed(3)
    build, shape = OTHERS[name]
    check(build(), shape)


def test_a_vector_without_a_batch_axis():
    class Plain(nn.Module):
        def __init__(self):
            super().__init__()
            self.W, self.V = nn.Parameter(torch.randn(5, 3)), nn.Parameter(torch.randn(2, 5))

        def forward(self, x):
            return self.V @ torch.relu(self.W @ x)

    module = Plain().double()
    net = rt.Network.from_torch(module, 3)
    assert repr(net) == "Network(3-5-2)"
    x = np.random.default_rng(0).standard_normal(3)
    expected = module(torch.from_numpy(x)).detach().numpy()
    np.testing.assert_allclose(net.forward(x[None])[0], expected)
    assert rt.Network.from_torch(module) == net


def test_softmax_and_sigmoid_at_the_end_are_left_off():
    body = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 3))
    plain = rt.Network.from_torch(body)
    for last in (nn.Softmax(1), nn.LogSoftmax(1), nn.Sigmoid(), nn.LogSigmoid()):
        net = rt.Network.from_torch(nn.Sequential(body, last))
        assert net == plain
        assert any(type(last).__name__ in note for note in net.notes)
    assert plain.notes == ()


class Branches(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 4), nn.Linear(3, 4)

    def forward(self, x, y, shift=0.0):
        h = torch.relu(self.a(x) + self.b(y) + shift)
        return {"sum": h.sum(1), "all": h, "class": h.argmax(1)}


def test_several_inputs_and_outputs():
    module = Branches().double()
    both = rt.Network.from_torch(module, [(2,), (3,)])
    assert (both.input_dim, both.output_dim) == (5, 5)
    assert any("labels" in note for note in both.notes)
    z = np.random.default_rng(0).standard_normal(5)
    x, y = torch.from_numpy(z[None, :2]), torch.from_numpy(z[None, 2:])
    expected = module(x, y)
    np.testing.assert_allclose(both.forward(z[None])[0, 1:], expected["all"].detach().numpy()[0])
    named = rt.Network.from_torch(module, {"y": (3,), "x": (2,)}, output="all")
    swapped = np.concatenate([z[2:], z[:2]])
    np.testing.assert_allclose(named.forward(swapped[None]), expected["all"].detach().numpy())
    fixed = rt.Network.from_torch(
        module, {"x": (2,)}, inputs={"y": y, "shift": torch.tensor(0.5)}, output="sum"
    )
    expected = module(x, y, torch.tensor(0.5))["sum"].detach().numpy()
    np.testing.assert_allclose(fixed.forward(z[None, :2])[0], expected)
    with pytest.raises(rt.InvalidNetworkError, match=r"`output`: there is no output 'none'.*'sum'"):
        rt.Network.from_torch(module, [(2,), (3,)], output="none")


def test_until_stops_after_a_layer():
    module = nn.Sequential(nn.Linear(2, 4), nn.Sequential(nn.ReLU(), nn.Linear(4, 3)), nn.Tanh())
    assert rt.Network.from_torch(module, until="1") == rt.Network.from_torch(module[:2])
    assert rt.Network.from_torch(module, until="1.0").output_dim == 4
    with pytest.raises(rt.InvalidNetworkError, match=r"no layer 'body'; layers are 0, 1, 1\.0"):
        rt.Network.from_torch(module, until="body")
    with pytest.raises(rt.UnsupportedLayerError, match="`until=` stops at an earlier layer"):
        rt.Network.from_torch(module)


def test_shapes_may_be_looked_at():
    class Checking(nn.Module):
        def __init__(self):
            super().__init__()
            self.a, self.b = nn.Linear(2, 4), nn.Linear(4, 1)

        def forward(self, x):
            if x.dim() == 1:
                x = x.unsqueeze(0)
            assert x.shape[-1] == 2
            for _ in range(x.size(0)):
                x = self.a(x)
            return self.b(torch.relu(x)) if isinstance(x, torch.Tensor) else None

    assert repr(rt.Network.from_torch(Checking(), (2,))) == "Network(2-4-1)"


@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")
def test_wrappers_and_scripts():
    module = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
    net = rt.Network.from_torch(module)
    example = torch.zeros(1, 2)
    assert rt.Network.from_torch(nn.DataParallel(module)) == net
    assert rt.Network.from_torch(torch.compile(module, backend="eager")) == net
    assert rt.Network.from_torch(torch.jit.script(module)) == net
    assert rt.as_network(torch.jit.trace(module, example)) == net
    program = torch.export.export(module, (example,))
    assert rt.Network.from_torch(program, 2) == rt.Network.from_torch(program.module(), 2) == net


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions(dtype):
    module = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1)).to(dtype)
    net = rt.Network.from_torch(module)
    layers = [(module[k].weight, module[k].bias) for k in (0, 2)]
    assert net == rt.Network(layers) == rt.as_network(layers)


def test_nothing_is_composed_before_it_is_known_that_all_can_be_read():
    """A refusal at the end of a large convolutional network takes no time and no memory."""
    blocks = [nn.Conv2d(64, 64, 3, padding=1), nn.ReLU()] * 3
    module = nn.Sequential(nn.Conv2d(3, 64, 3, padding=1), *blocks, nn.Tanh()).eval()
    from relutope.network.importing.nodes import Affine

    built = []
    original = Affine.built
    Affine.built = lambda self: built.append(self) or original(self)
    try:
        with pytest.raises(rt.UnsupportedLayerError, match=r"network\.7.*Tanh"):
            rt.Network.from_torch(module, (3, 64, 64))
    finally:
        Affine.built = original
    assert not built
