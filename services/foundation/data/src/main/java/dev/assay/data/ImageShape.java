package dev.assay.data;

/// The shape of one image, in the order of a network's input: channels, height, width.
public record ImageShape(int channels, int height, int width) {

    public ImageShape {
        if (channels < 1 || height < 1 || width < 1) {
            throw new IllegalArgumentException("an image of %d x %d x %d".formatted(channels, height, width));
        }
    }

    /// Values of one image.
    public int elements() {
        return Math.multiplyExact(Math.multiplyExact(channels, height), width);
    }

    /// `[count, channels, height, width]`
    public long[] batch(long count) {
        return new long[] {count, channels, height, width};
    }

    @Override
    public String toString() {
        return "[%d, %d, %d]".formatted(channels, height, width);
    }
}
