package dev.assay.loading;

import dev.assay.data.DataSetSummary;
import dev.assay.data.ImageShape;
import dev.assay.data.LabelledImages;
import dev.assay.loading.DataSetImport.Imported;
import dev.assay.loading.DataSetImport.Part;
import dev.assay.report.Block;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Pictures;
import dev.assay.report.Block.Table;
import dev.assay.report.Picture;
import dev.assay.report.Report;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The report of an import: what is in the data, with a contact sheet.
public final class ImportReport {

    private static final int PICTURES_PER_CLASS = 8;
    private static final int MAXIMUM_CLASSES_SHOWN = 20;

    private ImportReport() {}

    /// @param resultJson the result message
    /// @param provenance where the result comes from
    public static Report of(Imported imported, Facts provenance, String resultJson) {
        DataSetSummary summary = imported.data().summary();
        String subtitle = "%d images of %s in %d classes"
                .formatted(summary.count(), summary.shape(), summary.perClass().size());
        Report.Builder report = Report.titled("An imported data set", subtitle)
                .section("Classes", classes(imported))
                .section("Pixels", pixels(imported))
                .section("The first images of each class", contactSheet(imported));
        if (!imported.skipped().isEmpty()) {
            report.section(
                    "Left out",
                    new Table(
                            List.of("image", "reason"),
                            imported.skipped().stream()
                                    .map(broken -> List.of(broken.path(), broken.reason()))
                                    .toList()));
        }
        return report.section("Provenance", provenance).withResult(resultJson);
    }

    private static Table classes(Imported imported) {
        List<List<String>> rows = new ArrayList<>();
        List<Integer> counts = imported.data().summary().perClass();
        for (int label = 0; label < imported.classNames().size(); label++) {
            List<String> row = new ArrayList<>(List.of(imported.classNames().get(label), count(counts, label)));
            if (imported.test().isPresent()) {
                row.add(count(imported.test().get().summary().perClass(), label));
            }
            rows.add(row);
        }
        return imported.test().isPresent()
                ? new Table(List.of("class", "training images", "test images"), rows)
                : new Table(List.of("class", "images"), rows);
    }

    private static String count(List<Integer> counts, int label) {
        return Integer.toString(label < counts.size() ? counts.get(label) : 0);
    }

    private static Table pixels(Imported imported) {
        DataSetSummary summary = imported.data().summary();
        return new Table(
                List.of("part", "mean per channel", "deviation per channel", "smallest", "largest"),
                List.of(List.of(
                        imported.test().isPresent() ? "training" : "all",
                        join(summary.means()),
                        join(summary.deviations()),
                        number(summary.smallest()),
                        number(summary.largest()))));
    }

    private static Block contactSheet(Imported imported) {
        Part part = imported.data();
        LabelledImages images = part.images();
        int shown = Math.min(images.classes(), MAXIMUM_CLASSES_SHOWN);
        List<List<Picture>> rows = new ArrayList<>();
        for (int label = 0; label < shown; label++) {
            rows.add(new ArrayList<>());
        }
        for (int sample = 0; sample < images.count(); sample++) {
            int label = images.label(sample);
            if (label < shown && rows.get(label).size() < PICTURES_PER_CLASS) {
                rows.get(label)
                        .add(picture(images, sample, imported.classNames().get(label)));
            }
        }
        return new Pictures(List.of(), rows);
    }

    private static Picture picture(LabelledImages images, int sample, String caption) {
        ImageShape shape = images.imageShape();
        float[] pixels = new float[shape.elements()];
        images.copyTo(sample, MemorySegment.ofArray(pixels), 0);
        return Picture.of(pixels, shape.channels(), shape.height(), shape.width(), caption);
    }

    private static String join(List<Double> values) {
        return values.stream().map(ImportReport::number).collect(Collectors.joining(", "));
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }
}
