"""Networks, one file a family: each reads like its paper's figure; its cards lie beside it."""
