"""A torch module is more than its forward: what is read is what runs, or it is refused."""

from __future__ import annotations

import copy

import numpy as np
import pytest

import relutope as rt

torch = pytest.importorskip("torch", reason="torch is not installed")
nn = torch.nn

pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


def chain(wrap=lambda layer: layer):
    return nn.Sequential(wrap(nn.Linear(2, 4)), nn.ReLU(), nn.Linear(4, 3)).eval()


def check(module):
    """The network is the module as it runs now, and the module is left as it was."""
    before = {k: v.clone() for k, v in module.state_dict().items()}
    net = rt.Network.from_torch(module)
    X = np.random.default_rng(0).standard_normal((20, 2)).astype(np.float32)
    with torch.no_grad():
        expected = module(torch.from_numpy(X)).numpy()
    np.testing.assert_allclose(net.forward(X), expected, rtol=1e-5, atol=1e-5)
    after = module.state_dict()
    assert all(torch.equal(after[k], v) for k, v in before.items())
    return net


NORMS = {
    "weight norm": nn.utils.weight_norm,
    "spectral norm": nn.utils.spectral_norm,
    "weight norm, parametrised": nn.utils.parametrizations.weight_norm,
    "spectral norm, parametrised": nn.utils.parametrizations.spectral_norm,
    "orthogonal": nn.utils.parametrizations.orthogonal,
}


@pytest.mark.parametrize("name", NORMS)
def test_norms_of_weights_after_loading_a_state(name):
    """Loading sets what weights are made of, not the weights that a fresh module has stored."""
    torch.manual_seed(0)
    saved = chain(NORMS[name])
    with torch.no_grad():
        for parameter in saved.parameters():
            parameter.add_(torch.randn_like(parameter))
    loaded = chain(NORMS[name])
    loaded.load_state_dict(saved.state_dict())
    assert check(loaded).hidden_widths == [4]


def test_pruning_after_loading_a_state():
    from torch.nn.utils import prune

    def pruned():
        module = chain()
        for layer in (module[0], module[2]):
            prune.l1_unstructured(layer, "weight", amount=0.5)
        return module

    torch.manual_seed(0)
    saved, loaded = pruned(), pruned()
    loaded.load_state_dict(saved.state_dict())
    net = check(loaded)
    assert (net.layers[0][0] == 0).sum() == 4


def test_forward_hooks():
    module = chain()
    module[0].register_forward_pre_hook(lambda layer, inputs: (2 * inputs[0] + 1,))
    module[2].register_forward_hook(lambda layer, inputs, result: 3 * result)
    module.register_forward_hook(lambda layer, inputs, result: -result)
    plain = chain()
    plain.load_state_dict(module.state_dict())
    assert check(module) != check(plain)


def test_hooks_that_only_look_on():
    seen = []
    module = chain()
    module[0].register_forward_hook(lambda layer, inputs, result: seen.append(result))
    check(module)
    assert seen


def test_global_hooks():
    handle = nn.modules.module.register_module_forward_hook(
        lambda layer, inputs, result: 2 * result if isinstance(layer, nn.ReLU) else None
    )
    try:
        check(chain())
    finally:
        handle.remove()


def squashes(layer, inputs, result):
    return torch.tanh(result)


def test_the_hook_that_cannot_be_read_is_named():
    module = chain()
    module[0].register_forward_hook(squashes)
    with pytest.raises(rt.UnsupportedLayerError, match=r"network\.0`.*hooks squashes.*`tanh`"):
        rt.Network.from_torch(module)


class Rounded(nn.Module):
    def forward(self, weight):
        return torch.round(16 * weight) / 16


def test_parametrisations_that_round_weights():
    """Weights may be rounded: they are constants."""
    module = chain()
    nn.utils.parametrize.register_parametrization(module[0], "weight", Rounded())
    net = check(module)
    assert (net.layers[0][0] * 16 == np.round(net.layers[0][0] * 16)).all()


def test_fake_quantisation_is_refused():
    from torch.ao import quantization

    for observes in (True, False):
        fake = quantization.FakeQuantize()
        fake(torch.randn(10, 2))
        if not observes:
            fake.disable_observer()
        with pytest.raises(rt.UnsupportedLayerError, match="fake quantisation"):
            rt.Network.from_torch(nn.Sequential(fake, nn.Linear(2, 1)).eval())


def test_weights_that_change_with_each_call_are_refused():
    module = chain(nn.utils.spectral_norm)
    with pytest.raises(
        rt.InvalidNetworkError, match=r"differs from the module's own forward.*eval"
    ):
        rt.Network.from_torch(module.train())


class Counting(nn.Module):
    """Adds how often it was called."""

    def __init__(self):
        super().__init__()
        self.linear, self.calls = nn.Linear(2, 1), 0

    def forward(self, x):
        self.calls += 1
        return self.linear(x) + self.calls


def test_a_state_that_changes_the_outputs():
    module = Counting()
    with pytest.raises(rt.InvalidNetworkError, match=r"differs .* Does its forward keep a state"):
        rt.Network.from_torch(module)
    assert module.calls == 0


class Different(nn.Module):
    """Computes something else on numbers than on what is only followed."""

    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(2, 1)

    def forward(self, x):
        y = self.linear(x)
        return y + 1e-3 if type(x) is torch.Tensor else y


def test_what_was_read_is_compared_with_the_module():
    with pytest.raises(rt.InvalidNetworkError, match=r"by 0\.001 where rounding explains"):
        rt.Network.from_torch(Different().double())
    with pytest.raises(rt.InvalidNetworkError, match=r"by 0\.001 where rounding explains"):
        rt.Network.from_torch(Different())


def test_modules_that_cannot_run_in_double_precision_are_compared_in_their_own():
    class Insists(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(2, 3)

        def forward(self, x):
            return self.linear(x.float())

    assert rt.Network.from_torch(Insists()).output_dim == 3


def test_training_statistics_are_not_touched():
    module = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.ReLU())
    before = copy.deepcopy(module.state_dict())
    with pytest.raises(rt.InvalidNetworkError, match=r"network\.1`.*statistics of the batch"):
        rt.Network.from_torch(module)
    assert all(torch.equal(before[k], v) for k, v in module.state_dict().items())
    assert module.training
