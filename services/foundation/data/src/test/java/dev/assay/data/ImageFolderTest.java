package dev.assay.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.ImageFolder.BrokenImages;
import dev.assay.data.ImageFolder.Sizing;
import dev.assay.runtime.Tensor;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageFolderTest {

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"png", "bmp", "gif"})
    void classesAreNumberedByNameAndPixelsAreKept(String format) throws IOException {
        image("root/dog/a." + format, format, 2, 1, 0xFF0000);
        image("root/cat/deeper/b." + format, format, 2, 1, 0x00FF00);
        image("root/.hidden/c." + format, format, 5, 5, 0);
        Path target = folder.resolve("animals.beton");
        ImageFolder.Imported imported = scan().importTo(target, as(), BrokenImages.FAIL, Progress.SILENT);
        assertThat(imported.classNames()).containsExactly("cat", "dog");
        assertThat(imported.broken()).isEmpty();
        try (LabelledImages images = LabelledImages.open(target);
                Tensor pixels = images.images(new int[] {0, 1})) {
            assertThat(images.labels()).containsExactly(0, 1);
            assertThat(images.imageShape()).isEqualTo(new ImageShape(3, 1, 2));
            assertThat(pixels.toFloats()).containsExactly(0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 0, 0);
        }
    }

    @Test
    void greyAndTransparentImagesBecomeRgb() throws IOException {
        BufferedImage grey = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(0, 0, 0, 128);
        write("root/a/grey.png", "png", grey);
        BufferedImage transparent = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        transparent.setRGB(0, 0, 0x80102030);
        write("root/b/transparent.png", "png", transparent);
        Path target = folder.resolve("x.beton");
        scan().importTo(target, as(), BrokenImages.FAIL, Progress.SILENT);
        try (LabelledImages images = LabelledImages.open(target);
                Tensor pixels = images.images(new int[] {0, 1})) {
            float level = pixels.floatAt(0); // as Java converts linear grey to sRGB; what counts is that it is grey
            assertThat(pixels.toFloats()).containsExactly(level, level, level, 0x10 / 255f, 0x20 / 255f, 0x30 / 255f);
            assertThat(level).isBetween(0.4f, 0.8f);
        }
    }

    @Test
    void imagesOfSeveralSizesAreRefusedUnlessResized() throws IOException {
        image("root/a/1.png", "png", 2, 2, 0x102030);
        image("root/b/2.png", "png", 6, 4, 0x405060);
        Path target = folder.resolve("x.beton");
        assertProblem(
                "mixed-image-sizes",
                "b/2.png",
                () -> scan().importTo(target, as(), BrokenImages.FAIL, Progress.SILENT));
        assertThat(target).doesNotExist();
        scan().importTo(target, new Sizing.To(3, 2), BrokenImages.FAIL, Progress.SILENT);
        try (LabelledImages images = LabelledImages.open(target)) {
            assertThat(images.imageShape()).isEqualTo(new ImageShape(3, 2, 3));
        }
    }

    @Test
    void brokenImagesAreListedAndSkippedOrFatal() throws IOException {
        image("root/a/1.png", "png", 2, 2, 0x102030);
        image("root/b/2.png", "png", 2, 2, 0x405060);
        Files.writeString(folder.resolve("root/b/3.txt"), "no image");
        byte[] png = Files.readAllBytes(folder.resolve("root/b/2.png"));
        Files.write(folder.resolve("root/b/4.png"), java.util.Arrays.copyOf(png, png.length / 2));
        Path target = folder.resolve("x.beton");
        assertProblem(
                "broken-image", "b/3.txt", () -> scan().importTo(target, as(), BrokenImages.FAIL, Progress.SILENT));
        ImageFolder.Imported imported = scan().importTo(target, as(), BrokenImages.SKIP, Progress.SILENT);
        assertThat(imported.broken()).extracting(ImageFolder.BrokenImage::path).containsExactly("b/3.txt", "b/4.png");
        try (LabelledImages images = LabelledImages.open(target)) {
            assertThat(images.labels()).containsExactly(0, 1);
        }
    }

    @Test
    void anImageThatClaimsAnAbsurdSizeIsNotDecoded() throws IOException {
        image("root/a/1.png", "png", 2, 2, 0);
        image("root/b/2.png", "png", 2, 2, 0);
        Path bomb = folder.resolve("root/b/2.png");
        byte[] png = Files.readAllBytes(bomb);
        ByteBuffer header = ByteBuffer.wrap(png);
        header.putInt(16, 60_000).putInt(20, 60_000); // width and height in the IHDR chunk
        CRC32 checksum = new CRC32();
        checksum.update(png, 12, 17);
        header.putInt(29, (int) checksum.getValue());
        Files.write(bomb, png);
        assertThatThrownBy(() -> scan().importTo(folder.resolve("x.beton"), as(), BrokenImages.FAIL, Progress.SILENT))
                .isInstanceOf(ProblemException.class)
                .hasMessageContaining("60000 x 60000");
    }

    @Test
    void aFolderWithoutSeveralClassesOrImagesIsRefused() throws IOException {
        Files.createDirectories(folder.resolve("root/only"));
        assertProblem("empty-data-set", "root", this::scan);
        image("root/only/1.png", "png", 1, 1, 0);
        assertProblem("single-class", "root", this::scan);
        assertProblem("not-a-folder", "absent", () -> ImageFolder.scan(folder.resolve("absent")));
        Files.createDirectories(folder.resolve("root/other"));
        Files.writeString(folder.resolve("root/only/1.png"), "broken");
        assertProblem(
                "empty-data-set",
                "root",
                () -> scan().importTo(folder.resolve("x.beton"), as(), BrokenImages.SKIP, Progress.SILENT));
    }

    private ImageFolder scan() throws IOException {
        return ImageFolder.scan(folder.resolve("root"));
    }

    private static Sizing as() {
        return new Sizing.AsTheyAre();
    }

    private void image(String path, String format, int width, int height, int rgb) throws IOException {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                image.setRGB(x, y, rgb);
            }
        }
        write(path, format, image);
    }

    private void write(String path, String format, BufferedImage image) throws IOException {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        assertThat(ImageIO.write(image, format, file.toFile())).isTrue();
    }

    private static void assertProblem(String type, String subject, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo(type);
            assertThat(problem.subject()).contains(subject);
        });
    }
}
