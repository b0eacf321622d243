package dev.assay.perturbation;

import dev.assay.computation.ProblemException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The radius of a ball, on the pixel scale [0,1], exactly as it was asked for: `8/255` is not yet rounded to
/// binary. Two are equal when their values are, however they are written: `8/255` and `16/510`.
public final class Epsilon implements Comparable<Epsilon> {

    private static final String NUMBER = "([0-9]{1,9}(?:[.][0-9]{1,12})?)";
    private static final Pattern FORM = Pattern.compile(NUMBER + "(?:/" + NUMBER + ")?");

    /// Far more digits than a double holds, so that rounding once more does not matter.
    private static final MathContext PRECISION = new MathContext(40);

    private final BigDecimal numerator;
    private final BigDecimal denominator;

    private Epsilon(BigDecimal numerator, BigDecimal denominator) {
        this.numerator = numerator;
        this.denominator = denominator;
    }

    /// Reads a decimal number or a fraction of two: `0.5`, `8/255`.
    ///
    /// @throws ProblemException `malformed-threat` for other text, `epsilon-out-of-range` for a denominator of zero
    public static Epsilon parse(String text) {
        Matcher form = FORM.matcher(text);
        if (!form.matches()) {
            throw new ProblemException(
                    "malformed-threat",
                    "threat",
                    "'" + text + "' is not an epsilon",
                    "give a number or a fraction on the pixel scale, such as 0.03 or 8/255");
        }
        BigDecimal denominator = form.group(2) == null ? BigDecimal.ONE : new BigDecimal(form.group(2));
        if (denominator.signum() == 0) {
            throw new ProblemException(
                    "epsilon-out-of-range",
                    "threat",
                    "the epsilon " + text + " divides by zero",
                    "give a fraction of the pixel scale, such as 8/255");
        }
        return new Epsilon(new BigDecimal(form.group(1)), denominator);
    }

    /// Refuses a radius that makes no sense for a norm.
    ///
    /// @throws ProblemException `epsilon-out-of-range` unless 0 < epsilon ≤ largest
    void requireWithin(Norm norm, long largest, String remedy) {
        if (numerator.signum() <= 0 || numerator.compareTo(denominator.multiply(BigDecimal.valueOf(largest))) > 0) {
            throw new ProblemException(
                    "epsilon-out-of-range",
                    "threat",
                    "%s:%s has the epsilon %s; accepted for %s are 0 < epsilon <= %d on the pixel scale [0,1]"
                            .formatted(norm.text(), this, doubleValue(), norm.symbol(), largest),
                    remedy);
        }
    }

    public double doubleValue() {
        return numerator.divide(denominator, PRECISION).doubleValue();
    }

    public float floatValue() {
        return numerator.divide(denominator, PRECISION).floatValue();
    }

    @Override
    public int compareTo(Epsilon other) {
        return numerator.multiply(other.denominator).compareTo(other.numerator.multiply(denominator));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Epsilon epsilon && compareTo(epsilon) == 0;
    }

    @Override
    public int hashCode() {
        return Double.hashCode(doubleValue());
    }

    /// As it was written, without needless zeros: `8/255`, `0.5`.
    @Override
    public String toString() {
        return denominator.compareTo(BigDecimal.ONE) == 0
                ? plain(numerator)
                : plain(numerator) + "/" + plain(denominator);
    }

    private static String plain(BigDecimal number) {
        return number.stripTrailingZeros().toPlainString();
    }
}
