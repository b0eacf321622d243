package dev.assay.training;

import dev.assay.report.Block;
import dev.assay.report.Block.Chart;
import dev.assay.report.Block.Chart.Axis;
import dev.assay.report.Block.Chart.Point;
import dev.assay.report.Block.Chart.Series;
import dev.assay.report.Block.Chart.Span;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Paragraph;
import dev.assay.report.Block.Table;
import dev.assay.report.Report;
import dev.assay.statistics.Interval;
import dev.assay.statistics.Proportion;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;

/// The evidence of a training as a page: what it reached, how it went there, and where the result comes from.
public final class TrainingReport {

    private TrainingReport() {}

    /// @param modelName what was trained, such as `cnn-small`
    /// @param confidence level of the intervals in [0.5, 1)
    /// @param provenance where the result comes from
    /// @param resultJson the result message, which the page carries inside
    public static Report of(String modelName, TrainingRun run, double confidence, Facts provenance, String resultJson) {
        return Report.titled("Training of " + modelName, subtitle(run, confidence))
                .section("What it reached", accuracies(run, confidence), new Paragraph(explanation(confidence)))
                .section("How it went", curves(run))
                .section("Epoch by epoch", epochTable(run.epochs()))
                .section("Where this comes from", provenance)
                .withResult(resultJson);
    }

    private static String subtitle(TrainingRun run, double confidence) {
        Proportion accuracy = run.testAccuracy().orElse(run.trainAccuracy());
        return (run.testAccuracy().isPresent() ? "Test accuracy " : "Training accuracy ")
                + withInterval(accuracy, confidence);
    }

    private static Table accuracies(TrainingRun run, double confidence) {
        List<List<String>> rows = new ArrayList<>();
        run.testAccuracy().ifPresent(test -> rows.add(accuracyRow("test data", test, confidence)));
        rows.add(accuracyRow("training data", run.trainAccuracy(), confidence));
        return new Table(List.of("final model on", "right", "of", "accuracy"), rows);
    }

    private static List<String> accuracyRow(String where, Proportion accuracy, double confidence) {
        return List.of(
                where,
                Long.toString(accuracy.successes()),
                Long.toString(accuracy.trials()),
                withInterval(accuracy, confidence));
    }

    private static String explanation(double confidence) {
        return String.format(
                Locale.ROOT,
                "The brackets hold Wilson intervals at %.4g %% confidence: they say how far the share could lie from"
                        + " that of all images of this kind. The training accuracy says how well the model learnt, only"
                        + " the test accuracy how well it does on what it has not seen.",
                100 * confidence);
    }

    private static List<Block> curves(TrainingRun run) {
        List<EpochRecord> epochs = run.epochs();
        List<Span> phases = phases(epochs);
        List<Series> accuracy = new ArrayList<>();
        accuracy.add(series("training, while the weights move", epochs, EpochRecord::trainAccuracy));
        List<EpochRecord> tested = epochs.stream()
                .filter(epoch -> epoch.testAccuracy().isPresent())
                .toList();
        if (!tested.isEmpty()) {
            accuracy.add(series("test", tested, epoch -> epoch.testAccuracy().getAsDouble()));
        }
        return List.of(
                new Paragraph("First large steps without momentum, which find a region that generalises, then small"
                        + " steps with momentum, which descend in it. The shaded stretches are the two phases."),
                chart("Loss", "cross-entropy (nats)", List.of(series("loss", epochs, EpochRecord::loss)), phases),
                new Chart("Accuracy", Axis.named("epoch"), Axis.share("accuracy"), accuracy, phases),
                chart("Learning rate", "rate", List.of(series("rate", epochs, EpochRecord::rate)), phases),
                chart(
                        "Gradient",
                        "mean norm",
                        List.of(series("norm of the gradient", epochs, EpochRecord::gradientNorm)),
                        phases));
    }

    private static Chart chart(String title, String vertical, List<Series> series, List<Span> phases) {
        return new Chart(title, Axis.named("epoch"), Axis.named(vertical), series, phases);
    }

    private static Series series(String name, List<EpochRecord> epochs, ToDoubleFunction<EpochRecord> value) {
        return new Series(
                name,
                epochs.stream()
                        .map(epoch -> Point.of(epoch.number(), value.applyAsDouble(epoch)))
                        .toList());
    }

    /// Consecutive epochs of one phase, each epoch reaching from its predecessor's number to its own.
    private static List<Span> phases(List<EpochRecord> epochs) {
        List<Span> spans = new ArrayList<>();
        int first = 0;
        for (int i = 1; i <= epochs.size(); i++) {
            if (i == epochs.size() || epochs.get(i).phase() != epochs.get(first).phase()) {
                double from = epochs.get(first).number() - 0.5;
                double to = epochs.get(i - 1).number() + 0.5;
                spans.add(new Span(epochs.get(first).phase().label(), from, to));
                first = i;
            }
        }
        return spans;
    }

    private static Table epochTable(List<EpochRecord> epochs) {
        List<List<String>> rows = epochs.stream()
                .map(epoch -> List.of(
                        Integer.toString(epoch.number()),
                        epoch.phase().label(),
                        String.format(Locale.ROOT, "%.4g", epoch.rate()),
                        String.format(Locale.ROOT, "%.4f", epoch.loss()),
                        percent(epoch.trainAccuracy()),
                        epoch.testAccuracy().isPresent()
                                ? percent(epoch.testAccuracy().getAsDouble())
                                : "–",
                        String.format(Locale.ROOT, "%.3g", epoch.gradientNorm())))
                .toList();
        return new Table(
                List.of("epoch", "phase", "rate", "loss", "training accuracy", "test accuracy", "gradient norm"), rows);
    }

    private static String withInterval(Proportion accuracy, double confidence) {
        Interval interval = accuracy.wilson(confidence);
        return String.format(
                Locale.ROOT,
                "%s [%s, %s]",
                percent(accuracy.value()),
                percent(interval.low()),
                percent(interval.high()));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f %%", 100 * share);
    }
}
