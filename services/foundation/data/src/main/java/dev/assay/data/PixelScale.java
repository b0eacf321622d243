package dev.assay.data;

/// Which stored value is white, that is 1.0 in the pixel scale [0,1].
public sealed interface PixelScale {

    /// 255 for integers, 1 for floats.
    record Natural() implements PixelScale {}

    /// A stated value, such as 16 for the handwritten digits.
    record Maximum(double value) implements PixelScale {
        public Maximum {
            if (!(value > 0) || Double.isInfinite(value)) {
                throw new IllegalArgumentException("a maximum pixel value of " + value + "; give a positive number");
            }
        }
    }

    static PixelScale natural() {
        return new Natural();
    }

    static PixelScale maximum(double value) {
        return new Maximum(value);
    }
}
