"""Learning rates by epochs: what each schedule gives, and that fit obeys it."""

import keras
import numpy as np
import pytest

from keras_saliency.training._calls import read_call, schedule_class
from keras_saliency.training.coupled_decay import CoupledSGD


def rates(text, epochs, start=0.1):
    made = read_call(text, schedule_class, "card, schedule")
    made.start, made.epochs = start, epochs
    return [made.rate(epoch) for epoch in range(epochs)]


def test_steps_at_given_epochs_and_at_every_so_many():
    assert rates("Steps(factor=0.1, at=[2, 3])", 5) == pytest.approx([0.1, 0.1, 0.01, 1e-3, 1e-3])
    assert rates("Steps(factor=0.5, every=2)", 5) == pytest.approx([0.1, 0.1, 0.05, 0.05, 0.025])


def test_listed_rates_end_with_the_last():
    assert rates("Listed(rates=[3, 2, 1])", 5) == [3, 2, 1, 1, 1]


def test_a_line_goes_from_the_first_epoch_to_the_last():
    assert rates("Linear(to=0)", 5) == pytest.approx([0.1, 0.075, 0.05, 0.025, 0])
    assert rates("Linear(to=0.05)", 1) == [0.1]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Steps(factor=0.1)", "at="),
        ("Steps(factor=0.1, at=[1], every=2)", "at="),
        ("EpochRate()", "unknown name 'EpochRate'"),
    ],
)
def test_what_is_no_schedule_is_told(text, says):
    with pytest.raises(Exception, match=says):
        read_call(text, schedule_class, "card, schedule")


class Watch(keras.callbacks.Callback):
    """Rate and momentum of every epoch."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        optimizer = self.model.optimizer
        self.seen.append((float(optimizer.learning_rate), float(optimizer.moving_momentum)))


def fit(schedule, epochs, initial_epoch=0):
    inputs = keras.Input((2,))
    model = keras.Model(inputs, keras.layers.Dense(1)(inputs))
    model.compile(CoupledSGD(0.1, momentum=0.5), "mse")
    made = read_call(schedule, schedule_class, "")
    made.start, made.epochs = 0.1, epochs
    watch = Watch()
    x = np.ones((4, 2), "float32")
    model.fit(
        x,
        x.sum(1),
        epochs=epochs,
        initial_epoch=initial_epoch,
        callbacks=[made, watch],
        verbose=0,
    )
    return watch.seen


def test_fit_obeys_rate_and_momentum():
    found = fit("Linear(to=0.02, momentum_to=0.9)", 5)
    assert [rate for rate, _ in found] == pytest.approx([0.1, 0.08, 0.06, 0.04, 0.02])
    assert [momentum for _, momentum in found] == pytest.approx([0.5, 0.6, 0.7, 0.8, 0.9])


def test_training_that_goes_on_has_the_rate_of_its_epoch():
    schedule = "Steps(factor=0.1, at=[2])"
    np.testing.assert_allclose(fit(schedule, 4, initial_epoch=2), fit(schedule, 4)[2:])
