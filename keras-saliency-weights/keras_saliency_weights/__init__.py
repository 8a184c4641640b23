"""Networks of `saliency_best` as data; `keras_saliency.lite.members` reads them."""
