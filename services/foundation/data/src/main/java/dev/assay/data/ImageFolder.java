package dev.assay.data;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.beton.BetonField;
import dev.assay.data.beton.BetonValue;
import dev.assay.data.beton.BetonWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// A folder with a folder of images for each class, as torchvision's ImageFolder takes it: the classes are
/// numbered in the order of their names. PNG, JPEG, BMP and GIF (its first picture); whatever is stored becomes
/// RGB. Links are not followed, names that start with a dot are passed over, and a JPEG's orientation tag is
/// ignored.
///
/// @param classNames by class number
/// @param files in the order of class and path
public record ImageFolder(Path root, List<String> classNames, List<Entry> files) {

    /// One image file and its class.
    public record Entry(Path file, int label) {}

    /// What to do with a file that cannot be read as an image.
    public enum BrokenImages {
        FAIL,
        SKIP
    }

    /// How images come to one size.
    public sealed interface Sizing {

        /// All must have the same size.
        record AsTheyAre() implements Sizing {}

        /// Resized by area averaging; the aspect is not kept.
        record To(int width, int height) implements Sizing {
            public To {
                if (width < 1 || height < 1 || width > 8192 || height > 8192) {
                    throw new ProblemException(
                            "invalid-size",
                            "resize",
                            "a size of %d x %d pixels".formatted(width, height),
                            "give 1 to 8192 pixels");
                }
            }
        }
    }

    /// A file left out, by its path below the folder.
    public record BrokenImage(String path, String reason) {}

    /// @param classNames by class number
    /// @param broken files that were left out
    public record Imported(List<String> classNames, List<BrokenImage> broken) {}

    private static final int MAXIMUM_FILES = 20_000_000;
    private static final int REPORT_EVERY = 64;

    public ImageFolder {
        classNames = List.copyOf(classNames);
        files = List.copyOf(files);
    }

    /// Lists the folder; no image is opened.
    ///
    /// @throws ProblemException `not-a-folder`, `empty-data-set`, `single-class`
    public static ImageFolder scan(Path root) throws IOException {
        String subject = name(root);
        if (!Files.isDirectory(root)) {
            throw new ProblemException(
                    "not-a-folder", subject, "there is no folder '%s'".formatted(subject), "give a folder");
        }
        List<Path> classFolders = children(root).stream()
                .filter(path -> Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS))
                .toList();
        List<Entry> files = new ArrayList<>();
        for (int label = 0; label < classFolders.size(); label++) {
            collect(classFolders.get(label), label, files);
        }
        if (files.isEmpty()) {
            throw new ProblemException(
                    "empty-data-set",
                    subject,
                    "the folder holds %d class folders and no files in them".formatted(classFolders.size()),
                    "put each class's images into a folder of its own: root/cat/1.png, root/dog/2.png");
        }
        List<String> names = classFolders.stream().map(ImageFolder::name).toList();
        if (names.size() < 2) {
            throw new ProblemException(
                    "single-class",
                    subject,
                    "the folder holds the one class %s".formatted(names),
                    "give a folder for each of at least two classes");
        }
        return new ImageFolder(root, names, files);
    }

    /// Decodes all images and writes them as a `.beton` file of `image` and `label`. One image is in memory at a
    /// time.
    ///
    /// @throws ProblemException `broken-image` naming the first file that cannot be read, if those are to fail;
    ///     `mixed-image-sizes` naming the first image that differs; `empty-data-set` if nothing is left
    public Imported importTo(Path target, Sizing sizing, BrokenImages brokenImages, Progress progress)
            throws IOException {
        Map<Path, BrokenImage> broken = new LinkedHashMap<>();
        if (brokenImages == BrokenImages.SKIP) {
            findBroken(broken, progress);
        }
        List<Entry> whole = files.stream()
                .filter(entry -> !broken.containsKey(entry.file()))
                .toList();
        if (whole.isEmpty()) {
            throw new ProblemException(
                    "empty-data-set",
                    name(root),
                    "none of the %d files can be read as an image, the first because of: %s"
                            .formatted(
                                    files.size(),
                                    broken.values().iterator().next().reason()),
                    "give PNG, JPEG, BMP or GIF files");
        }
        write(whole, target, sizing, progress);
        return new Imported(classNames, List.copyOf(broken.values()));
    }

    private void findBroken(Map<Path, BrokenImage> broken, Progress progress) throws IOException {
        for (int i = 0; i < files.size(); i++) {
            Path file = files.get(i).file();
            if (i % REPORT_EVERY == 0) {
                progress.report("check images", i, files.size());
            }
            try {
                DecodedImage.read(file);
            } catch (DecodedImage.BrokenImageException failure) {
                broken.put(file, new BrokenImage(path(file), failure.getMessage()));
            }
        }
    }

    private void write(List<Entry> entries, Path target, Sizing sizing, Progress progress) throws IOException {
        DecodedImage first = decode(entries.getFirst().file(), sizing);
        List<BetonField> fields = List.of(new BetonField.ImageField("image"), new BetonField.IntField("label"));
        long pageBytes = BetonImages.pageBytes(3L * first.width() * first.height());
        try (BetonWriter writer = BetonWriter.create(target, fields, entries.size(), pageBytes)) {
            for (int i = 0; i < entries.size(); i++) {
                if (i % REPORT_EVERY == 0) {
                    progress.report("import images", i, entries.size());
                }
                Entry entry = entries.get(i);
                DecodedImage image = i == 0 ? first : decode(entry.file(), sizing);
                requireSameSize(first, image, entries.getFirst().file(), entry.file());
                writer.append(List.of(
                        new BetonValue.RawImage(image.width(), image.height(), MemorySegment.ofArray(image.pixels())),
                        new BetonValue.IntValue(entry.label())));
            }
            writer.finish();
        }
        progress.report("import images", entries.size(), entries.size());
    }

    private DecodedImage decode(Path file, Sizing sizing) throws IOException {
        DecodedImage image;
        try {
            image = DecodedImage.read(file);
        } catch (DecodedImage.BrokenImageException failure) {
            throw new ProblemException(
                    "broken-image",
                    path(file),
                    "the file cannot be read as an image: " + failure.getMessage(),
                    "mend or remove it, or import with broken images skipped",
                    failure);
        }
        return switch (sizing) {
            case Sizing.AsTheyAre _ -> image;
            case Sizing.To(int width, int height) -> image.resized(width, height);
        };
    }

    private void requireSameSize(DecodedImage first, DecodedImage image, Path firstFile, Path file) {
        if (image.width() != first.width() || image.height() != first.height()) {
            throw new ProblemException(
                    "mixed-image-sizes",
                    path(file),
                    "the image has %d x %d pixels, but '%s' has %d x %d"
                            .formatted(image.width(), image.height(), path(firstFile), first.width(), first.height()),
                    "ask for a size at the import (resize), or give images of one size");
        }
    }

    private static void collect(Path folder, int label, List<Entry> files) throws IOException {
        for (Path path : children(folder)) {
            if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
                collect(path, label, files);
            } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
                files.add(new Entry(path, label));
            }
            if (files.size() > MAXIMUM_FILES) {
                throw new ProblemException(
                        "too-many-files",
                        name(folder),
                        "more than %d files".formatted(MAXIMUM_FILES),
                        "split the folder");
            }
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(path -> !name(path).startsWith(".")).sorted().toList();
        }
    }

    private String path(Path file) {
        return root.relativize(file).toString();
    }

    private static String name(Path path) {
        Path last = path.getFileName();
        return last == null ? path.toString() : last.toString();
    }
}
