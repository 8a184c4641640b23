// A plane of float32 as a .npy file, which numpy.load reads.

export function npy(values, [height, width]) {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${height}, ${width}), }`;
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64;
  const text = dictionary.padEnd(length - 11) + "\n";
  const bytes = new Uint8Array(length + 4 * values.length);
  bytes.set([0x93, ...new TextEncoder().encode("NUMPY"), 1, 0, text.length & 255, text.length >> 8]);
  bytes.set(new TextEncoder().encode(text), 10);
  const view = new DataView(bytes.buffer, length);
  values.forEach((value, k) => view.setFloat32(4 * k, value, true));
  return bytes;
}
