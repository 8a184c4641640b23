// The network under ONNX Runtime's WebAssembly; all files lie beside this one.
import * as ort from "onnxruntime-web/wasm";

const beside = (name) => new URL(name, import.meta.url).href;

ort.env.wasm.wasmPaths = { wasm: beside("ort-wasm-simd-threaded.wasm") };
ort.env.wasm.numThreads = 1; // more need headers that a plain server does not send

/** @returns {Promise<{settings: object, scores: Function}>} once, for all pictures. */
export async function openNetwork() {
  const [settings, graph] = await Promise.all([fetched("settings.json"), fetched("saliency_lite.onnx")]);
  const session = await ort.InferenceSession.create(new Uint8Array(graph), { executionProviders: ["wasm"] });
  return {
    settings: JSON.parse(new TextDecoder().decode(settings)),
    /** Scores of a framed picture, float32 height x width x 3 in 0..255. */
    async scores(pixels, [height, width]) {
      const picture = new ort.Tensor("float32", pixels, [1, height, width, 3]);
      const { scores } = await session.run({ picture });
      return { values: scores.data, grid: [scores.dims[2], scores.dims[3]] };
    },
  };
}

async function fetched(name) {
  const answer = await fetch(beside(name));
  if (!answer.ok) throw new Error(`${name} is missing beside the page (${answer.status}).`);
  return answer.arrayBuffer();
}
