"""SalGAN's game: the discriminator learns on one batch, the generator on the next.

Pan et al., arXiv:1701.01081, and the released code (imatge-upc/salgan): one update a batch, the
discriminator first; the generator minimises its maps judged real plus alpha times the content loss.
Backend-neutral: each player is a compiled Keras model of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import keras
import numpy as np

from keras_saliency.layers.prepare import PrepareColours
from keras_saliency.losses.adversarial import SalGANContentLoss

# the generator's pictures are BGR less this mean; the discriminator sees RGB in 0..255
BACK = {"order": "bgr", "mean": (-123.68, -116.779, -103.939)}


class AdversarialTraining:
    """Trains a generator of maps against a discriminator.

    Args:
        generator: a model from prepared pictures (b, h, w, 3) to maps (b, h, w, 1) in 0..1.
        discriminator: a model from (b, h, w, 4), the map and RGB in 0..255, to a probability.
        alpha: weight of the content loss; .05 in the released code, .005 in the paper.
        optimizer: a function that makes an optimizer; the players' states must not mix. None:
            Adagrad with rate 3e-4, as Lasagne has it.
        content: the loss of maps beside the discriminator's judgement; None: SalGAN's.

    Example::

        game = AdversarialTraining(build_model("salgan"), discriminator())
        for pictures, maps in batches:
            print(game.train_on_batch(pictures, maps))
    """

    def __init__(
        self,
        generator: Any,
        discriminator: Any,
        alpha: float = 0.05,
        optimizer: Any = None,
        content: Any = None,
    ):
        make = lasagne_adagrad if optimizer is None else optimizer
        self.generator, self.discriminator, self.alpha = generator, discriminator, float(alpha)
        discriminator.compile(make(), keras.losses.BinaryCrossentropy())
        picture = generator.input
        colours = PrepareColours(**BACK, name="rgb")(picture)  # type: ignore[arg-type]
        saliency = generator.output
        judged = discriminator(keras.layers.Concatenate(name="judged")([saliency, colours]))
        self.against = keras.Model(picture, [saliency, judged], name="generator_against")
        self.against.compile(
            make(),
            [
                SalGANContentLoss() if content is None else content,
                keras.losses.BinaryCrossentropy(),
            ],
            loss_weights=[self.alpha, 1.0],
        )
        for player in (self.discriminator, self.against):
            self._let_learn(player)
            player.optimizer.build(player.trainable_variables)
        self._colours = keras.Model(picture, colours)
        self.history = keras.callbacks.History()

    @property
    def batches(self) -> int:
        """How many the players have learned from, both together."""
        players = (self.discriminator, self.against)
        return sum(int(np.asarray(player.optimizer.iterations)) for player in players)

    def fit(
        self,
        x: Any,
        y: Any = None,
        *,
        batch_size: int = 32,
        epochs: int = 1,
        initial_epoch: int = 0,
        callbacks: Any = (),
    ) -> Any:
        """As Keras' `fit`, with one update of one player a batch.

        Args:
            x: prepared pictures, or a `PyDataset` or data set of batches (pictures, maps).
            y: maps in 0..1 where `x` is an array.
            batch_size: of arrays.
            epochs: number of the last one.
            initial_epoch: the first one, where training goes on.
            callbacks: of Keras; their model is the generator.

        Returns:
            the `History`: `generator` and `discriminator`, means of each epoch.
        """
        watched = keras.callbacks.CallbackList(
            [*callbacks, self.history], model=self.generator, epochs=epochs
        )
        watched.on_train_begin()
        for epoch in range(initial_epoch, epochs):
            watched.on_epoch_begin(epoch)
            losses: dict[str, list[float]] = {}
            for step, (pictures, maps) in enumerate(_batches(x, y, batch_size)):
                watched.on_train_batch_begin(step)
                found = self.train_on_batch(np.asarray(pictures), np.asarray(maps))
                for player, value in found.items():
                    losses.setdefault(player, []).append(value)
                watched.on_train_batch_end(step, found)
            watched.on_epoch_end(epoch, {k: float(np.mean(v)) for k, v in losses.items()})
            if isinstance(x, keras.utils.PyDataset):
                x.on_epoch_end()
            if getattr(self.generator, "stop_training", False):
                break
        watched.on_train_end()
        return self.history

    def train_on_batch(self, pictures: np.ndarray, maps: np.ndarray) -> dict[str, float]:
        """One update: of the discriminator on batches 0, 2, 4 …, of the generator on the others.

        Args:
            pictures: prepared as the generator takes them, (b, h, w, 3).
            maps: of people, in 0..1, (b, h, w, 1).

        Returns:
            the loss of the player that learnt: `{"discriminator": …}` or `{"generator": …}`.
        """
        learner = "discriminator" if self.batches % 2 == 0 else "generator"
        if learner == "discriminator":
            return {learner: self._discriminate(pictures, maps)}
        return {learner: self._generate(pictures, maps)}

    def _discriminate(self, pictures: np.ndarray, maps: np.ndarray) -> float:
        self._let_learn(self.discriminator)
        colours = np.asarray(self._colours.predict_on_batch(pictures))
        fakes = np.asarray(self.generator.predict_on_batch(pictures), np.float32)
        shown = np.concatenate(
            [np.concatenate([m, colours], axis=-1) for m in (np.asarray(maps, np.float32), fakes)]
        )
        labels = np.repeat(np.array([1, 0], np.float32), len(pictures))[:, None]
        return float(self.discriminator.train_on_batch(shown, labels))

    def _generate(self, pictures: np.ndarray, maps: np.ndarray) -> float:
        self._let_learn(self.against)
        judged_real = np.ones((len(pictures), 1), np.float32)
        found = self.against.train_on_batch(pictures, [maps, judged_real])
        if hasattr(self.generator, "random_weights"):
            self.generator.random_weights = False
        return float(found[0] if isinstance(found, list | tuple) else found)

    def _let_learn(self, player: Any) -> None:
        """The discriminator judges the generator's maps, and does not learn from that."""
        self.discriminator.trainable = player is self.discriminator


def _batches(x: Any, y: Any, size: int) -> Iterator[tuple[Any, Any]]:
    """Batches of arrays in order, or those of a data set."""
    if y is not None:
        for k in range(0, len(x), size):
            yield x[k : k + size], y[k : k + size]
    elif isinstance(x, keras.utils.PyDataset):
        for k in range(len(x)):
            yield x[k][:2]
    else:
        for batch in x:
            yield batch[:2]


def lasagne_adagrad() -> Any:
    """Adagrad as Lasagne has it: sums of squares start at 0, epsilon inside the root."""
    return keras.optimizers.Adagrad(3e-4, initial_accumulator_value=0.0, epsilon=1e-6)
