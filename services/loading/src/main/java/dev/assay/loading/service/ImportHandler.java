package dev.assay.loading.service;

import dev.assay.artifact.v1.Artifact;
import dev.assay.contract.Json;
import dev.assay.data.ImageFolder.BrokenImages;
import dev.assay.data.PixelScale;
import dev.assay.job.v1.Provenance;
import dev.assay.loading.DataSetImport;
import dev.assay.loading.DataSetImport.Imported;
import dev.assay.loading.DataSetImport.Part;
import dev.assay.loading.ImportReport;
import dev.assay.loading.ImportSource;
import dev.assay.loading.v1.DataSetSummary;
import dev.assay.loading.v1.ImportRequest;
import dev.assay.loading.v1.ImportResult;
import dev.assay.report.Block.Facts;
import dev.assay.report.Block.Facts.Fact;
import dev.assay.worker.Job;
import dev.assay.worker.JobHandler;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The operation `import`: images in, `data.beton`, `test.beton` and `report.html` out.
@ApplicationScoped
public class ImportHandler implements JobHandler<ImportRequest, ImportResult> {

    static final String BETON = "application/x-beton";

    @Override
    public ImportResult run(Job<ImportRequest> job) throws IOException {
        ImportRequest request = job.request();
        try (Imported imported = settings(request).run(source(job), job.scratch(), job.progress())) {
            ImportResult.Builder result = ImportResult.newBuilder()
                    .setData(store(job, "data.beton", imported.data(), imported.classNames()))
                    .addAllSkipped(imported.skipped().stream()
                            .map(broken -> broken.path() + ": " + broken.reason())
                            .toList());
            imported.test()
                    .ifPresent(test -> result.setTestData(store(job, "test.beton", test, imported.classNames())));
            Provenance provenance =
                    job.provenance().setSeed(request.getSeed()).setDevice("cpu").build();
            ImportResult answer = result.setProvenance(provenance).build();
            job.attach(
                    "report.html",
                    "text/html",
                    ImportReport.of(imported, facts(provenance), Json.print(answer))
                            .htmlBytes());
            return answer;
        }
    }

    private static DataSetImport settings(ImportRequest request) {
        PixelScale scale =
                request.hasMaximumValue() ? PixelScale.maximum(request.getMaximumValue()) : PixelScale.natural();
        BrokenImages broken = switch (request.getBrokenImages()) {
            case FAIL -> BrokenImages.FAIL;
            case SKIP -> BrokenImages.SKIP;
            case UNRECOGNIZED -> throw new IllegalArgumentException("an unknown value passed validation");
        };
        return new DataSetImport(
                scale,
                request.getTestFraction(),
                Integer.toUnsignedLong(request.getSeed()),
                broken,
                request.getClassNamesList());
    }

    private static ImportSource source(Job<ImportRequest> job) throws IOException {
        ImportRequest request = job.request();
        Path file = job.artifact(request.getSource()).path();
        Optional<Path> labels = request.hasLabels()
                ? Optional.of(job.artifact(request.getLabels()).path())
                : Optional.empty();
        return switch (request.getFormat()) {
            case AUTO -> ImportSource.detect(file, labels);
            case NPZ -> ImportSource.npz(file, labels);
            case IDX -> ImportSource.idx(file, labels);
            case IMAGE_FOLDER -> ImportSource.classFolders(file, labels);
            case UNRECOGNIZED -> throw new IllegalArgumentException("an unknown value passed validation");
        };
    }

    private static DataSetSummary store(Job<?> job, String name, Part part, List<String> classNames) {
        Artifact artifact = job.attach(name, BETON, part.file());
        var summary = part.summary();
        return DataSetSummary.newBuilder()
                .setArtifact(artifact.getDigest())
                .setSamples(summary.count())
                .addImageShape(summary.shape().channels())
                .addImageShape(summary.shape().height())
                .addImageShape(summary.shape().width())
                .addAllClassNames(classNames)
                .addAllClassCounts(summary.perClass())
                .addAllMean(summary.means())
                .addAllStandardDeviation(summary.deviations())
                .build();
    }

    private static Facts facts(Provenance provenance) {
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("product", "Assay " + provenance.getProductVersion()));
        provenance.getInputsMap().forEach((field, digest) -> facts.add(new Fact(field, digest)));
        facts.add(new Fact("seed", Integer.toUnsignedString(provenance.getSeed())));
        facts.add(new Fact("attempt", Integer.toString(provenance.getAttempt())));
        return new Facts(facts);
    }
}
