"""Training is deterministic, reports metrics of the weights it shows, and checks its input."""

import numpy as np
import pytest
import torch

from relutope import log_spaced_steps, mlp, train
from relutope.lab import datasets


@pytest.fixture(scope="module")
def moons():
    return datasets.load("moons", n=60)


def test_mlp_is_seeded_without_touching_the_global_state():
    torch.manual_seed(5)
    before = torch.get_rng_state()
    one, same, other = mlp([2, 4, 1], seed=1), mlp([2, 4, 1], seed=1), mlp([2, 4, 1], seed=2)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.equal(one[0].weight, same[0].weight)
    assert not torch.equal(one[0].weight, other[0].weight)
    assert one[0].weight.dtype == torch.float64


def test_steps_are_log_spaced_with_both_ends():
    assert log_spaced_steps(1000, 8) == [0, 1, 3, 10, 32, 100, 316, 1000]
    assert log_spaced_steps(0, 5) == [0]
    assert log_spaced_steps(3, 40) == [0, 1, 2, 3]


def test_equal_seeds_give_equal_weights(moons):
    results = [train([8], moons.X, moons.y, epochs=30, seed=seed) for seed in (0, 0, 1)]
    weights = [result.model[0].weight for result in results]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_training_separates_the_moons(moons):
    history = train([16, 16], moons.X, moons.y, epochs=400, lr=0.02).history
    assert history["loss"][-1] < 0.1 < history["loss"][0]
    assert history["accuracy"][-1] > 0.95
    assert len(history["loss"]) == 401


def test_callbacks_see_the_weights_that_the_metrics_belong_to(moons):
    seen = []

    def look(step, model, metrics):
        with torch.no_grad():
            logit = model(torch.from_numpy(moons.X))[:, 0].numpy()
        seen.append((step, metrics["accuracy"] == np.mean((logit >= 0) == (moons.y == 1))))

    train([4], moons.X, moons.y, epochs=5, callbacks=[look])
    assert seen == [(step, True) for step in range(6)]


def test_mean_squared_error_reports_variance_explained():
    X = np.linspace(-1, 1, 50)[:, None]
    result = train(
        [8], X, np.abs(X[:, 0]), loss="mse", epochs=500, lr=0.02, validation=(X, X[:, 0])
    )
    assert result.history["r2"][-1] > 0.99
    assert result.history["test_r2"][-1] < 0.5


def test_a_module_is_trained_in_place_and_losses_may_be_functions(moons):
    model = mlp([2, 4, 2])

    def cross_entropy(output, target):
        return torch.nn.functional.cross_entropy(output, target[:, 0].long())

    result = train(model, moons.X, moons.y, loss=cross_entropy, epochs=3)
    assert result.model is model
    assert set(result.history) == {"loss"}


def test_the_number_of_torch_threads_is_restored(moons):
    before = torch.get_num_threads()
    train([2], moons.X, moons.y, epochs=1)
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"y": np.zeros(3)}, "`X`, `y`"),
        ({"y": np.full(60, 2.0)}, "labels"),
        ({"loss": "hinge"}, "loss"),
        ({"model": mlp([2, 3, 2])}, "outputs"),
        ({"model": [0]}, "widths"),
    ],
)
def test_wrong_input_is_refused_by_name(moons, change, word):
    arguments = {"model": [3], "X": moons.X, "y": moons.y, "epochs": 1} | change
    with pytest.raises(ValueError, match=word):
        train(**arguments)
