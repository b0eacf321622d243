package dev.assay.cli.render;

import dev.assay.attack.v1.EvaluateResult;
import dev.assay.attack.v1.RobustAccuracy;
import dev.assay.measure.v1.Proportion;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Robust accuracy against epsilon, as a table and as a curve of bars per norm.
public final class SecurityCurve {

    private static final int LONGEST_BAR = 40;
    private static final String EIGHTHS = " ▏▎▍▌▋▊▉";

    private SecurityCurve() {}

    public static List<String> lines(EvaluateResult result) {
        List<String> lines = new ArrayList<>(table(result).lines(""));
        result.getRobustAccuracyList().stream()
                .map(RobustAccuracy::getNorm)
                .distinct()
                .forEach(norm -> {
                    lines.add("");
                    lines.add("security curve, " + norm + ": share of images still classified right, by epsilon");
                    lines.addAll(curve(result, norm));
                });
        return List.copyOf(lines);
    }

    private static Table table(EvaluateResult result) {
        Stream<List<String>> clean = Stream.of(List.of("none", "0", proportion(result.getCleanAccuracy())));
        Stream<List<String>> attacked = result.getRobustAccuracyList().stream()
                .map(r -> List.of(r.getThreat(), NumberText.shortly(r.getEpsilon()), proportion(r.getAccuracy())));
        return new Table(
                List.of("attack", "epsilon", "accuracy [" + percent(result.getCleanAccuracy()) + " interval]"),
                Stream.concat(clean, attacked).toList());
    }

    private static List<String> curve(EvaluateResult result, String norm) {
        Stream<List<String>> clean = Stream.of(bar(0, result.getCleanAccuracy()));
        Stream<List<String>> attacked = result.getRobustAccuracyList().stream()
                .filter(r -> r.getNorm().equals(norm))
                .sorted(Comparator.comparingDouble(RobustAccuracy::getEpsilon))
                .map(r -> bar(r.getEpsilon(), r.getAccuracy()));
        List<List<String>> rows = Stream.concat(clean, attacked).toList();
        int width = rows.stream().mapToInt(row -> row.getFirst().length()).max().orElse(0);
        return rows.stream()
                .map(row -> "  " + row.getFirst()
                        + " ".repeat(width - row.getFirst().length()) + "  " + row.getLast())
                .toList();
    }

    private static List<String> bar(double epsilon, Proportion accuracy) {
        double length = accuracy.getEstimate() * LONGEST_BAR;
        int whole = (int) length;
        int eighths = (int) ((length - whole) * EIGHTHS.length());
        String bar = "█".repeat(whole) + (eighths > 0 ? EIGHTHS.charAt(eighths) : "");
        return List.of(
                NumberText.shortly(epsilon),
                bar + " ".repeat(LONGEST_BAR + 1 - bar.length()) + percent(accuracy.getEstimate()));
    }

    private static String proportion(Proportion p) {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", p.getEstimate(), p.getLow(), p.getHigh());
    }

    private static String percent(Proportion p) {
        return NumberText.shortly(100 * p.getConfidence()) + " %";
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%5.1f %%", 100 * share);
    }
}
