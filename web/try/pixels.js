// Colours of a decoded picture. A canvas would multiply them by their transparency; WebGL hands them
// out as they are stored.

const TILE = 2048; // sides that every WebGL takes
const AS_STORED = { premultiplyAlpha: "none", colorSpaceConversion: "none" };

/**
 * @param {ImageBitmap} bitmap made with `AS_STORED`.
 * @returns {Promise<Uint8Array>} RGB; without WebGL, colours below transparency are approximate.
 */
export async function rgbOf(bitmap) {
  const { width, height } = bitmap;
  const rgb = new Uint8Array(3 * width * height);
  const read = webgl() ?? canvas();
  for (let top = 0; top < height; top += TILE) {
    for (let left = 0; left < width; left += TILE) {
      const [wide, tall] = [Math.min(TILE, width - left), Math.min(TILE, height - top)];
      const tile = await createImageBitmap(bitmap, left, top, wide, tall, AS_STORED);
      const rgba = read(tile, wide, tall);
      tile.close();
      for (let y = 0; y < tall; y++) {
        for (let x = 0; x < wide; x++) {
          const from = 4 * (y * wide + x);
          const to = 3 * ((top + y) * width + left + x);
          rgb[to] = rgba[from];
          rgb[to + 1] = rgba[from + 1];
          rgb[to + 2] = rgba[from + 2];
        }
      }
    }
  }
  return rgb;
}

/** A file as the browser decodes it, told to change nothing. */
export function decoded(file) {
  return createImageBitmap(file, AS_STORED);
}

function webgl() {
  const gl = new OffscreenCanvas(1, 1).getContext("webgl2");
  if (!gl) return null;
  gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
  gl.pixelStorei(gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
  gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
  gl.bindFramebuffer(gl.FRAMEBUFFER, gl.createFramebuffer());
  const texture = gl.getParameter(gl.TEXTURE_BINDING_2D);
  return (tile, wide, tall) => {
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, tile);
    gl.framebufferTexture2D(gl.FRAMEBUFFER, gl.COLOR_ATTACHMENT0, gl.TEXTURE_2D, texture, 0);
    const rgba = new Uint8Array(4 * wide * tall);
    gl.readPixels(0, 0, wide, tall, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
    return rgba;
  };
}

function canvas() {
  const context = new OffscreenCanvas(TILE, TILE).getContext("2d", { willReadFrequently: true });
  return (tile, wide, tall) => {
    context.clearRect(0, 0, wide, tall);
    context.drawImage(tile, 0, 0);
    return context.getImageData(0, 0, wide, tall).data;
  };
}
