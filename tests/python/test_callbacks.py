"""Trackers in the training loops of others: plain torch, Lightning, TensorBoard."""

from __future__ import annotations

import importlib
import math
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

import relutope as rt
from relutope.tracking.callbacks.hooks import LightningHooks
from relutope.tracking.callbacks.tensorboard import TensorBoard
from relutope.tracking.checkpoints import analyse_checkpoints
from relutope.tracking.tracker import Tracker
from small_networks import absolute, random_network

BOX = rt.Box(-1, 1)


class Trainer:
    """Calls the hooks in Lightning's order, with what they read of a trainer."""

    def __init__(self, callback, is_global_zero=True):
        self.callback, self.is_global_zero = callback, is_global_zero
        self.current_epoch = self.global_step = 0
        self.callback_metrics = {}

    def fit(self, module, epochs, batches, accumulate=1):
        self.callback.on_train_start(self, module)
        while self.current_epoch < epochs:
            for batch in range(batches):
                self.global_step += (batch + 1) % accumulate == 0
                module.layers = random_network([2, 3, 1], self.global_step)
                self.callback.on_train_batch_end(self, module, None, None, batch)
            self.callback_metrics = {"loss": np.float64(1 / self.global_step)}
            self.callback.on_train_epoch_end(self, module)
            self.current_epoch += 1


def fitted(tracker, *, rank_zero=True, epochs=2, batches=3, accumulate=1, **options):
    module = SimpleNamespace(layers=random_network([2, 3, 1], 0))
    options.setdefault("network", "layers")
    trainer = Trainer(LightningHooks(tracker, **options), rank_zero)
    trainer.fit(module, epochs, batches, accumulate)
    return tracker.columns()


def cells_after(*updates):
    return [int(rt.count(random_network([2, 3, 1], seed), BOX)) for seed in updates]


def test_epochs_are_numbered_by_how_many_are_done():
    columns = fitted(Tracker(BOX, measures=["count"]))
    assert columns["step"] == [0, 1, 2]
    assert columns["loss"] == [None, 1 / 3, 1 / 6]
    assert columns["count"] == cells_after(0, 3, 6)


def test_steps_are_numbered_by_updates_also_with_accumulated_gradients():
    columns = fitted(
        Tracker(BOX, measures=["count"]), per="step", network=lambda module: module.layers
    )
    assert columns["step"] == list(range(7))
    assert columns["count"] == cells_after(*range(7))
    columns = fitted(Tracker(BOX, measures=["count"]), per="step", batches=4, accumulate=2)
    assert columns["step"] == [0, 1, 2, 3, 4]


def test_the_tracker_chooses_among_the_steps():
    assert fitted(Tracker(BOX, measures=["count"], steps=2), per="step")["step"] == [0, 2, 4, 6]


def test_one_process_records():
    assert fitted(Tracker(BOX, measures=["count"]), rank_zero=False) == {}


def test_an_unknown_rhythm_is_refused():
    with pytest.raises(ValueError, match="`per`"):
        LightningHooks(Tracker(BOX), per="day")


def test_without_the_packages_the_message_helps(monkeypatch):
    for name in ("lightning", "lightning.pytorch", "pytorch_lightning"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    monkeypatch.delitem(sys.modules, "relutope.tracking.callbacks.lightning", raising=False)
    with pytest.raises(rt.MissingDependencyError, match="pip install lightning"):
        importlib.import_module("relutope.tracking.callbacks.lightning")
    with pytest.raises(rt.MissingDependencyError, match="pip install tensorboard"):
        TensorBoard("runs")


@pytest.mark.parametrize("name", ["lightning.pytorch", "pytorch_lightning"])
def test_the_class_of_the_package_in_use_is_taken(monkeypatch, name):
    for other in ("lightning", "lightning.pytorch", "pytorch_lightning"):
        monkeypatch.setitem(sys.modules, other, None)
    monkeypatch.setitem(sys.modules, name.split(".")[0], SimpleNamespace())
    base = type("Callback", (), {})
    monkeypatch.setitem(sys.modules, name, SimpleNamespace(Callback=base))
    monkeypatch.delitem(sys.modules, "relutope.tracking.callbacks.lightning", raising=False)
    module = importlib.import_module("relutope.tracking.callbacks.lightning")
    sys.modules.pop("relutope.tracking.callbacks.lightning")
    callback = module.LightningTracker(Tracker(BOX), per="step")
    assert isinstance(callback, base)
    assert callback.per == "step"


def test_importing_the_callbacks_needs_neither_package():
    code = (
        "import sys, relutope.tracking.callbacks as c\n"
        "heavy = ('torch', 'lightning', 'pytorch_lightning', 'tensorboard')\n"
        "print([m for m in heavy if m in sys.modules], hasattr(c, 'TensorBoard'))\n"
        "print([m for m in heavy if m in sys.modules], hasattr(c, 'Nothing'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "[] True\n[] False\n"


class Writer:
    def __init__(self):
        self.scalars, self.flushed = [], 0

    def add_scalar(self, tag, value, step):
        self.scalars.append((tag, value, step))

    def flush(self):
        self.flushed += 1


def test_each_number_of_a_row_becomes_a_scalar_at_its_step():
    writer = Writer()
    tracker = Tracker(BOX, measures=["count"], listeners=[TensorBoard(writer)])
    tracker(7, absolute(2), {"loss": 0.5, "bad": math.nan})
    tracker(8, absolute(2), {"loss": math.inf})
    assert writer.scalars == [
        ("relutope/loss", 0.5, 7),
        ("relutope/count", 4, 7),
        ("relutope/count", 4, 8),
    ]
    assert writer.flushed == 2


def test_tags_may_have_another_prefix_or_none():
    for prefix, tag in [("net/cells", "net/cells/count"), ("", "count")]:
        writer = Writer()
        TensorBoard(writer, prefix=prefix)({"step": 1, "count": 4})
        assert writer.scalars == [(tag, 4, 1)]


def test_a_writer_must_be_one():
    with pytest.raises(TypeError, match="add_scalar"):
        TensorBoard(3)


def test_a_resumed_table_is_not_written_again(tmp_path):
    for last, steps in [(2, [0, 1]), (4, [2, 3])]:
        writer = Writer()
        tracker = Tracker(
            BOX,
            measures=["count"],
            path=tmp_path / "t.csv",
            resume=True,
            listeners=[TensorBoard(writer)],
        )
        for step in range(last):
            tracker(step, absolute(2))
        assert [step for _, _, step in writer.scalars] == steps


# -- the real packages


def required(name):
    try:
        return importlib.import_module(name)
    except ImportError as error:
        pytest.skip(f"{name} is not installed: {error}")


def lightning_training(folder, epochs, tracker, checkpoint=None, per="epoch"):
    """Fit a float64 network on fixed batches; returns the trainer."""
    torch = required("torch")
    lightning = required("lightning.pytorch")
    from relutope.tracking.callbacks import LightningTracker

    class Module(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = rt.mlp([2, 5, 1], seed=1)

        def training_step(self, batch, _):
            loss = torch.nn.functional.mse_loss(self.net(batch[0]), batch[1])
            self.log("loss", loss, on_step=False, on_epoch=True)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=0.1)

    class Keep(lightning.Callback):
        def on_train_epoch_end(self, trainer, _):
            trainer.save_checkpoint(folder / f"epoch={trainer.current_epoch + 1}.ckpt")

    X = torch.linspace(-1, 1, 32, dtype=torch.float64).reshape(16, 2)
    data = torch.utils.data.TensorDataset(X, X.abs().sum(dim=1, keepdim=True))
    trainer = lightning.Trainer(
        max_epochs=epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[LightningTracker(tracker, per=per, network="net"), Keep()],
    )
    loader = torch.utils.data.DataLoader(data, batch_size=4)
    trainer.fit(Module(), loader, ckpt_path=checkpoint, weights_only=True)
    return trainer


@pytest.mark.filterwarnings("ignore")  # those of the package
def test_lightning_calls_the_hooks(tmp_path):
    tracker = Tracker(BOX, measures=["cells", "topology"])
    trainer = lightning_training(tmp_path, 3, tracker)
    columns = tracker.columns()
    assert columns["step"] == [0, 1, 2, 3]
    assert columns["n_cells"][0] == int(rt.count(rt.mlp([2, 5, 1], seed=1), BOX))
    assert columns["n_cells"][-1] == int(rt.count(trainer.lightning_module.net, BOX))
    assert columns["loss"][0] is None
    assert columns["loss"][-1] < columns["loss"][1]
    by_step = Tracker(BOX, measures=["count"])
    lightning_training(tmp_path, 2, by_step, per="step")
    assert by_step.columns()["step"] == list(range(9))


@pytest.mark.filterwarnings("ignore")
def test_lightning_goes_on_from_a_checkpoint_and_its_checkpoints_give_the_table(tmp_path):
    known = {"measures": ["cells", "random", "topology"]}
    whole = Tracker(BOX, **known)
    lightning_training(tmp_path, 4, whole)
    for epochs, checkpoint in [(2, None), (4, tmp_path / "epoch=2.ckpt")]:
        tracker = Tracker(BOX, path=tmp_path / "t.csv", resume=True, **known)
        lightning_training(tmp_path, epochs, tracker, checkpoint)
    assert tracker.columns() == whole.columns()
    found = analyse_checkpoints(tmp_path, BOX, model=rt.mlp([2, 5, 1]), **known)
    del whole.rows[0]
    for row in whole.rows:
        row.pop("loss")
    assert found.rows == whole.rows


@pytest.mark.filterwarnings("ignore")
def test_tensorboard_reads_the_scalars(tmp_path):
    required("torch")
    required("tensorboard")
    accumulator = required("tensorboard.backend.event_processing.event_accumulator")
    listener = TensorBoard(tmp_path)
    tracker = Tracker(BOX, measures=["count"], listeners=[listener])
    for step in range(3):
        tracker(step, random_network([2, 4, 1], step))
    listener.close()
    found = accumulator.EventAccumulator(str(tmp_path))
    found.Reload()
    scalars = [(event.step, event.value) for event in found.Scalars("relutope/count")]
    assert scalars == [(row["step"], row["count"]) for row in tracker.rows]
