"""From a data set's ground truth to what `fit` takes. Names load on first use.

    truths = get_dataset("osie", "/data/osie")
    parts = split(truths, "hash:500/50/150")
    model.fit(batches(parts["train"], model, augment=Augmentation()), epochs=10)

What flows: `sources` (pictures of one or several sets) -> `order` (which, when, in which batch) ->
`pictures` (decoded, in the frame, kept) and `view` (which part, mirrored) -> `targets`, `priors`,
`scanpaths` -> `pipeline` (batches) -> `feeds` (what each backend reads).
"""

from benchmark_kit.faces import face

HOMES = {
    "Augmentation": "augment",
    "Batches": "pipeline",
    "Split": "splits",
    "batches": "pipeline",
    "near_duplicates": "duplicates",
    "split": "splits",
}

__all__ = sorted(HOMES)
__getattr__, __dir__ = face(__name__, HOMES)
