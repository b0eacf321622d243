package dev.assay.cli.render;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Locale;

/// Numbers as people read them.
public final class NumberText {

    private static final MathContext SHORT = new MathContext(4);
    private static final MathContext USUAL = new MathContext(6);
    /// Outside of these bounds a power of ten is easier to read than zeros.
    private static final double SMALL = 1e-4;
    private static final double LARGE = 1e9;

    private NumberText() {}

    /// Four significant digits, for a place where room is short.
    public static String shortly(double value) {
        return text(value, SHORT);
    }

    /// Six significant digits.
    static String of(double value) {
        return text(value, USUAL);
    }

    /// A number of bytes, such as `1.4 MB`.
    public static String bytes(long size) {
        if (size < 1000) {
            return size + " B";
        }
        double value = size;
        for (String unit : new String[] {"kB", "MB", "GB"}) {
            value /= 1000;
            if (value < 999.95) {
                return String.format(Locale.ROOT, "%.1f %s", value, unit);
            }
        }
        return String.format(Locale.ROOT, "%.1f TB", value / 1000);
    }

    private static String text(double value, MathContext digits) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return Double.toString(value);
        }
        double size = Math.abs(value);
        BigDecimal rounded = new BigDecimal(value).round(digits).stripTrailingZeros();
        if (value != 0 && (size < SMALL || size >= LARGE)) {
            return String.format(Locale.ROOT, "%." + (rounded.precision() - 1) + "e", value)
                    .replaceFirst("e\\+?(-?)0*", "e$1");
        }
        return rounded.toPlainString();
    }
}
