package dev.assay.attack;

import dev.assay.attack.Example.Perturbed;
import dev.assay.perturbation.ClassifierGraph;
import dev.assay.perturbation.Norm;
import dev.assay.perturbation.PgdSettings;
import dev.assay.report.Block;
import dev.assay.report.Block.Chart;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Paragraph;
import dev.assay.report.Block.Pictures;
import dev.assay.report.Block.Table;
import dev.assay.report.Picture;
import dev.assay.report.Report;
import dev.assay.statistics.Interval;
import dev.assay.statistics.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The evidence of an evaluation as a page: the table of threats, a security curve for each norm, and pictures
/// of what fooled the model.
public final class EvaluationPage {

    private final String model;
    private final String data;
    private final List<String> classNames;
    private final ClassifierGraph images;
    private final EvaluationSettings settings;
    private final RobustnessReport report;

    /// @param model what the user calls it
    /// @param data what the user calls it
    /// @param classNames in the order of the logits; empty: classes are shown by number
    public EvaluationPage(
            String model,
            String data,
            List<String> classNames,
            Classifier classifier,
            EvaluationSettings settings,
            RobustnessReport report) {
        this.model = model;
        this.data = data;
        this.classNames = List.copyOf(classNames);
        this.images = classifier.graph();
        this.settings = settings;
        this.report = report;
    }

    /// @param provenance where the result comes from
    /// @param resultJson the result message, whose numbers are the page's
    public Report report(Facts provenance, String resultJson) {
        Report.Builder page = Report.titled(
                "Robustness of " + model,
                "%d images of %s, attacked by projected gradient descent".formatted(report.samples(), data));
        page.section("Robust accuracy", new Paragraph(answer()), table(), new Paragraph(caution()));
        List<Block> curves = new ArrayList<>();
        for (Norm norm : Norm.values()) {
            List<Integer> threats = settings.byEpsilon(norm);
            if (!threats.isEmpty()) {
                curves.add(curve(norm, threats));
            }
        }
        page.section("Security curve", curves);
        if (!report.examples().isEmpty()) {
            page.section("What fooled the model", pictures());
        }
        page.section("How it was measured", new Paragraph(method()), provenance);
        return page.withResult(resultJson);
    }

    private String answer() {
        return "Without a perturbation the model classifies %d of %d images right: %s (%s)."
                .formatted(
                        report.cleanAccuracy().successes(),
                        report.samples(),
                        percent(report.cleanAccuracy().value()),
                        interval(report.cleanInterval()));
    }

    private Table table() {
        List<List<String>> rows = new ArrayList<>();
        for (ThreatResult result : report.results()) {
            long broken =
                    result.outcomes().stream().filter(Outcome.BROKEN::equals).count();
            rows.add(List.of(
                    result.threat().text(),
                    percent(result.accuracy().value()),
                    interval(result.interval()),
                    Long.toString(result.accuracy().successes()),
                    Long.toString(broken),
                    number(result.largestPerturbation())));
        }
        return new Table(
                List.of("threat", "robust accuracy", "interval", "robust", "broken", "largest perturbation"), rows);
    }

    private String caution() {
        return "Robust accuracy is the share of all images that are classified right and stay so under the attack. "
                + "A stronger attack may break more: the figures are upper bounds of the true robustness. "
                + "The intervals tell how far another draw of as many images could differ.";
    }

    private Chart curve(Norm norm, List<Integer> threats) {
        List<Chart.Point> points = new ArrayList<>();
        points.add(point(0, report.cleanAccuracy(), report.cleanInterval()));
        for (int threat : threats) {
            ThreatResult result = report.results().get(threat);
            points.add(point(result.threat().epsilon().doubleValue(), result.accuracy(), result.interval()));
        }
        return new Chart(
                "Robust accuracy against epsilon, " + norm.symbol(),
                Chart.Axis.named("epsilon (pixel scale [0,1])"),
                Chart.Axis.share("robust accuracy"),
                List.of(new Chart.Series(norm.symbol(), points)),
                List.of());
    }

    private static Chart.Point point(double epsilon, Proportion accuracy, Interval interval) {
        return new Chart.Point(epsilon, accuracy.value(), interval.low(), interval.high());
    }

    private List<Block> pictures() {
        List<Block> blocks = new ArrayList<>();
        blocks.add(new Paragraph("Each image with the perturbation of the smallest epsilon that broke it, or the last "
                + "try when none did; the difference is amplified around grey."));
        for (Norm norm : Norm.values()) {
            List<Integer> threats = settings.byEpsilon(norm);
            if (!threats.isEmpty()) {
                List<List<Picture>> rows = report.examples().stream()
                        .map(example -> row(example, threats))
                        .toList();
                blocks.add(new Pictures(List.of("clean", "perturbed, " + norm.symbol(), "difference"), rows));
            }
        }
        return blocks;
    }

    /// Under the largest epsilon stands what broke the image first: it is carried over.
    private List<Picture> row(Example example, List<Integer> threats) {
        Perturbed perturbed = example.perturbed().get(threats.getLast());
        String found = threats.stream()
                .map(threat -> report.results().get(threat))
                .filter(result -> result.outcomes().get(example.sample()) == Outcome.BROKEN)
                .findFirst()
                .map(result -> "taken for " + name(perturbed.predicted()) + " at "
                        + result.threat().text())
                .orElseGet(() -> example.predicted() == example.label()
                        ? "withstood "
                                + settings.threats().get(threats.getLast()).text()
                        : "wrong without a perturbation");
        float[] difference = new float[example.clean().length];
        float largest = 0;
        for (int i = 0; i < difference.length; i++) {
            difference[i] = perturbed.image()[i] - example.clean()[i];
            largest = Math.max(largest, Math.abs(difference[i]));
        }
        float gain = largest == 0 ? 1 : 0.5f / largest;
        for (int i = 0; i < difference.length; i++) {
            difference[i] = 0.5f + gain * difference[i];
        }
        return List.of(
                picture(
                        example.clean(),
                        "%s, taken for %s".formatted(name(example.label()), name(example.predicted()))),
                picture(perturbed.image(), found),
                picture(difference, largest == 0 ? "none" : "× " + number(gain)));
    }

    private Picture picture(float[] pixels, String caption) {
        return Picture.of(pixels, images.channels(), images.height(), images.width(), caption);
    }

    private String method() {
        PgdSettings pgd = settings.pgd();
        String start = switch (pgd.start()) {
            case RANDOM_POINT -> "from a random point of the ball, seed " + pgd.seed();
            case CLEAN_IMAGE -> "from the image itself";
        };
        return ("Projected gradient descent (Madry et al., 2018) on the cross-entropy: %d steps of %s times epsilon, "
                        + "%d restart(s) for each image, %s. What broke at a smaller epsilon counts as broken at a larger "
                        + "one of the same norm. Success is checked on the final image by the model as it was given. "
                        + "Intervals are Wilson's at %s confidence. %.0f image steps per second.")
                .formatted(
                        pgd.steps(),
                        number(pgd.relativeStepSize()),
                        pgd.restarts(),
                        start,
                        percent(settings.confidence()),
                        report.effort().imageStepsPerSecond());
    }

    private String name(int label) {
        return label < classNames.size() ? classNames.get(label) : Integer.toString(label);
    }

    private static String interval(Interval interval) {
        return percent(interval.low()) + " to " + percent(interval.high());
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.1f %%", 100 * share);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }
}
