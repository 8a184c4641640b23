"""Steps of a game of two networks, as the loop calls them: the players learn by turns."""

from __future__ import annotations

from typing import Any

from keras_saliency.training.adversarial import AdversarialTraining
from keras_saliency.training.checkpoint import variables_of
from keras_saliency.training.log import OF_A_GAME
from keras_saliency.training.steps import Steps, full_memory_told

LOSSES = {"generator": "loss", "discriminator": OF_A_GAME}  # columns of the log


class GameSteps(Steps):
    """Steps of a generator of maps against its discriminator.

    The generator is the network of the run: its maps are judged by the game's content loss, and the
    best of them are kept.

    Args:
        game: its generator compiled with that loss.
    """

    def __init__(self, game: AdversarialTraining):
        super().__init__(game.generator)
        self.game = game

    @property
    def variables(self) -> dict[str, Any]:
        """Those of both players; whose turn it is follows from the steps of their optimizers."""
        other = variables_of(self.game.discriminator)
        return super().variables | {f"discriminator/{name}": v for name, v in other.items()}

    def learn(self, inputs: Any, targets: Any) -> dict[str, float]:
        """Change the weights of the player whose turn it is.

        Returns:
            `{"loss": …}` of the generator, or `{"discriminator_loss": …}`.
        """
        with full_memory_told(self.model.name):
            found = self.game.train_on_batch(inputs, targets)
        return {LOSSES[player]: value for player, value in found.items()}
