package dev.assay.loading;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.ImageFolder.BrokenImages;
import dev.assay.data.LabelledImages;
import dev.assay.data.PixelScale;
import dev.assay.loading.DataSetImport.Imported;
import dev.assay.onnx.ElementType;
import dev.assay.report.Block.Facts;
import dev.assay.runtime.Npz;
import dev.assay.runtime.Tensor;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetImportTest {

    private static final DataSetImport PLAIN =
            new DataSetImport(PixelScale.natural(), 0, 0, BrokenImages.FAIL, List.of());
    private static final DataSetImport SPLIT =
            new DataSetImport(PixelScale.maximum(16), 0.25, 7, BrokenImages.FAIL, List.of());

    @TempDir
    private Path folder;

    @Test
    void aHeldOutPartTakesItsShareOfEveryClassAndNothingIsLost() throws Exception {
        try (Imported imported =
                SPLIT.run(ImportSource.detect(npz(48, 4), Optional.empty()), folder, Progress.SILENT)) {
            assertThat(imported.data().summary().perClass()).containsExactly(9, 9, 9, 9);
            assertThat(imported.test().orElseThrow().summary().perClass()).containsExactly(3, 3, 3, 3);
            assertThat(imported.classNames()).containsExactly("0", "1", "2", "3");
            try (LabelledImages read = LabelledImages.open(imported.data().file())) {
                assertThat(read.count()).isEqualTo(36);
            }
        }
    }

    @Test
    void theSameSeedHoldsOutTheSameImages() throws Exception {
        Path npz = npz(48, 4);
        Path one = Files.createDirectory(folder.resolve("one"));
        Path other = Files.createDirectory(folder.resolve("other"));
        SPLIT.run(new ImportSource.Npz(npz), one, Progress.SILENT).close();
        SPLIT.run(new ImportSource.Npz(npz), other, Progress.SILENT).close();
        assertThat(other.resolve("test.beton")).hasSameBinaryContentAs(one.resolve("test.beton"));
    }

    @Test
    void aZipOfClassFoldersKeepsTheFoldersNamesAlsoBelowOneCommonFolder() throws Exception {
        for (String top : List.of("", "photos/")) {
            Path zip =
                    zip(Map.of(top + "cat/1.png", png(200), top + "cat/2.png", png(210), top + "dog/1.png", png(20)));
            Path target = Files.createTempDirectory(folder, "out");
            try (Imported imported = PLAIN.run(ImportSource.detect(zip, Optional.empty()), target, Progress.SILENT)) {
                assertThat(imported.classNames()).containsExactly("cat", "dog");
                assertThat(imported.data().summary().perClass()).containsExactly(2, 1);
                String html =
                        ImportReport.of(imported, Facts.of("seed", "0"), "{}").html();
                assertThat(html).contains("<td>cat</td>", "data:image/png;base64,");
            }
        }
    }

    @Test
    void brokenImagesAreNamedAndFailOrAreLeftOutAsAsked() throws Exception {
        Path zip = zip(Map.of("a/1.png", png(1), "a/2.png", "no picture".getBytes(), "b/1.png", png(2)));
        var source = new ImportSource.ClassFolders(zip);
        assertProblem("broken-image", "2.png", () -> PLAIN.run(source, folder, Progress.SILENT));
        var skipping = new DataSetImport(PixelScale.natural(), 0, 0, BrokenImages.SKIP, List.of());
        try (Imported imported = skipping.run(source, folder, Progress.SILENT)) {
            assertThat(imported.skipped())
                    .singleElement()
                    .satisfies(b -> assertThat(b.path()).contains("2.png"));
            assertThat(imported.data().summary().count()).isEqualTo(2);
        }
    }

    @Test
    void whatCannotBeImportedIsRefusedWithItsCure() throws Exception {
        Path text = Files.writeString(folder.resolve("notes.txt"), "hello");
        assertProblem("unsupported-source", "npz", () -> ImportSource.detect(text, Optional.empty()));
        Path npz = npz(8, 2);
        byte[] whole = Files.readAllBytes(npz);
        Path truncated = Files.write(folder.resolve("cut.npz"), Arrays.copyOf(whole, whole.length / 2));
        assertProblem("damaged-archive", "cannot be read", () -> ImportSource.detect(truncated, Optional.empty()));
        Path idx = Files.write(folder.resolve("images.idx"), new byte[] {0, 0, 8, 3, 0, 0, 0, 0});
        assertProblem("missing-labels", "IDX", () -> ImportSource.detect(idx, Optional.empty()));
        assertProblem("unexpected-labels", "labels", () -> ImportSource.npz(text, Optional.of(text)));
        var named = new DataSetImport(PixelScale.maximum(16), 0, 0, BrokenImages.FAIL, List.of("only one"));
        assertProblem(
                "too-few-class-names", "1 names", () -> named.run(new ImportSource.Npz(npz), folder, Progress.SILENT));
    }

    @Test
    void anArchiveThatClaimsFarMoreThanItHoldsIsABomb() throws Exception {
        Path zip = zip(Map.of("a/1.png", new byte[8 << 20], "b/1.png", png(2)));
        var source = new ImportSource.ClassFolders(zip);
        assertProblem("archive-bomb", "claims", () -> PLAIN.run(source, folder, Progress.SILENT));
    }

    private static void assertProblem(String type, String words, ThrowingCallable action) {
        assertThatThrownBy(action).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo(type);
            assertThat(problem.oneLine()).contains(words);
            assertThat(problem.remedy()).isNotEmpty();
        });
    }

    /// `count` images of 8×8 with values 0..16; labels go round the classes.
    private Path npz(int count, int classes) throws IOException {
        byte[] pixels = new byte[count * 64];
        byte[] labels = new byte[count];
        for (int i = 0; i < count; i++) {
            labels[i] = (byte) (i % classes);
            Arrays.fill(pixels, i * 64, (i + 1) * 64, (byte) (i % 17));
        }
        Path file = folder.resolve("data-" + count + "-" + System.nanoTime() + ".npz");
        try (Tensor images = Tensor.ofBytes(ElementType.UINT8, pixels, count, 8, 8);
                Tensor classOf = Tensor.ofBytes(ElementType.UINT8, labels, count)) {
            Npz.write(file, Map.of("images", images, "labels", classOf));
        }
        return file;
    }

    private Path zip(Map<String, byte[]> entries) throws IOException {
        Path file = Files.createTempFile(folder, "images", ".zip");
        try (OutputStream out = Files.newOutputStream(file);
                ZipOutputStream zip = new ZipOutputStream(out)) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return file;
    }

    private static byte[] png(int level) throws IOException {
        var image = new BufferedImage(6, 6, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 36; i++) {
            image.setRGB(i % 6, i / 6, (level + i) * 0x010101);
        }
        var bytes = new ByteArrayOutputStream();
        ImageIO.write(image, "png", bytes);
        return bytes.toByteArray();
    }
}
