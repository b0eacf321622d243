package dev.assay.data;

import java.util.Arrays;

/// Resizing as OpenCV's INTER_AREA does it, which is what FFCV uses. Shrinking on both axes averages the area
/// under each new pixel exactly; if an axis grows, both axes blend two neighbours. Separable, so each axis has
/// its own taps.
final class AreaResize {

    private static final int CHANNELS = 3;

    private AreaResize() {}

    /// @param pixels height·width·3 bytes, RGB rows
    /// @return newHeight·newWidth·3 bytes, rounded to nearest
    static byte[] resize(byte[] pixels, int height, int width, int newHeight, int newWidth) {
        boolean shrinks = height >= newHeight && width >= newWidth;
        Taps rows = shrinks ? Taps.area(height, newHeight) : Taps.blend(height, newHeight);
        Taps columns = shrinks ? Taps.area(width, newWidth) : Taps.blend(width, newWidth);
        byte[] resized = new byte[Math.multiplyExact(Math.multiplyExact(newHeight, newWidth), CHANNELS)];
        float[] line = new float[width * CHANNELS];
        for (int y = 0; y < newHeight; y++) {
            blendRows(pixels, rows, y, line);
            for (int x = 0; x < newWidth; x++) {
                for (int channel = 0; channel < CHANNELS; channel++) {
                    float sum = 0;
                    for (int tap = 0; tap < columns.weights[x].length; tap++) {
                        int column = Math.min(columns.starts[x] + tap, width - 1);
                        sum += columns.weights[x][tap] * line[column * CHANNELS + channel];
                    }
                    resized[(y * newWidth + x) * CHANNELS + channel] = (byte) Math.clamp(Math.round(sum), 0, 255);
                }
            }
        }
        return resized;
    }

    private static void blendRows(byte[] pixels, Taps rows, int y, float[] line) {
        int height = pixels.length / line.length;
        Arrays.fill(line, 0);
        for (int tap = 0; tap < rows.weights[y].length; tap++) {
            int start = Math.min(rows.starts[y] + tap, height - 1) * line.length;
            float weight = rows.weights[y][tap];
            for (int i = 0; i < line.length; i++) {
                line[i] += weight * Byte.toUnsignedInt(pixels[start + i]);
            }
        }
    }

    /// For each new position the first old one and the weights from there on; beyond the end the last one counts.
    private record Taps(int[] starts, float[][] weights) {

        static Taps area(int size, int newSize) {
            int[] starts = new int[newSize];
            float[][] weights = new float[newSize][];
            double scale = (double) size / newSize;
            for (int to = 0; to < newSize; to++) {
                double from = to * scale;
                double end = Math.min(size, from + scale);
                int first = (int) Math.floor(from + 1e-6); // a border that rounding put a hair too low
                int last = Math.max(first, (int) Math.ceil(end - 1e-6) - 1);
                float[] taps = new float[last - first + 1];
                for (int old = first; old <= last; old++) {
                    double covered = Math.min(end, old + 1.0) - Math.max(from, old);
                    taps[old - first] = (float) (covered / (end - from));
                }
                starts[to] = first;
                weights[to] = taps;
            }
            return new Taps(starts, weights);
        }

        /// In float32 where OpenCV is: one more digit moves a tap by a whole pixel at some sizes.
        static Taps blend(int size, int newSize) {
            int[] starts = new int[newSize];
            float[][] weights = new float[newSize][];
            double inverse = (double) newSize / size;
            double scale = 1 / inverse;
            for (int to = 0; to < newSize; to++) {
                int start = (int) Math.floor(to * scale);
                float fraction = (float) ((to + 1) - (start + 1) * inverse);
                fraction = fraction <= 0 ? 0 : fraction - (float) Math.floor(fraction);
                if (start >= size - 1) {
                    start = size - 1;
                    fraction = 0;
                }
                starts[to] = start;
                weights[to] = new float[] {1 - fraction, fraction};
            }
            return new Taps(starts, weights);
        }
    }
}
