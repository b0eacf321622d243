package dev.assay.loading;

import dev.assay.computation.ProblemException;
import dev.assay.computation.Progress;
import dev.assay.data.BetonImages;
import dev.assay.data.DataSetSummary;
import dev.assay.data.IdxFile;
import dev.assay.data.ImageFolder;
import dev.assay.data.ImageFolder.BrokenImage;
import dev.assay.data.ImageFolder.BrokenImages;
import dev.assay.data.LabelledImages;
import dev.assay.data.NpzImages;
import dev.assay.data.PixelScale;
import dev.assay.data.Split;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Turns labelled images into `.beton` files.
///
/// @param scale which stored value is white; images of class folders have their own
/// @param testFraction share of each class held out, in [0,1); 0 makes one data set
/// @param seed of the choice of the held-out part
/// @param classNames in the order of the labels; empty: the folders' names, or the numbers
public record DataSetImport(
        PixelScale scale, double testFraction, long seed, BrokenImages brokenImages, List<String> classNames) {

    /// A written data set.
    ///
    /// @param images the open data set; the caller closes it
    public record Part(Path file, DataSetSummary summary, LabelledImages images) implements AutoCloseable {
        @Override
        public void close() {
            images.close();
        }
    }

    /// @param data everything, or the training part
    /// @param test the held-out part
    /// @param skipped images that could not be read
    public record Imported(Part data, Optional<Part> test, List<String> classNames, List<BrokenImage> skipped)
            implements AutoCloseable {
        @Override
        public void close() {
            data.close();
            test.ifPresent(Part::close);
        }
    }

    private record Opened(LabelledImages images, List<String> folderNames, List<BrokenImage> skipped) {}

    public DataSetImport {
        classNames = List.copyOf(classNames);
    }

    /// Reads the source and writes `data.beton`, and `test.beton` when a part is held out.
    ///
    /// @param folder where the files go; the caller's to delete
    /// @throws ProblemException what is wrong with the source, named by the formats' readers in `dev.assay.data`;
    ///     `too-few-class-names`
    public Imported run(ImportSource source, Path folder, Progress progress) throws IOException {
        Opened opened = open(source, folder, progress);
        try (LabelledImages images = opened.images()) {
            List<String> names = names(images, opened.folderNames());
            if (testFraction == 0) {
                return new Imported(
                        write(images, folder.resolve("data.beton"), progress),
                        Optional.empty(),
                        names,
                        opened.skipped());
            }
            Split split = Split.stratified(images.labels(), testFraction, seed);
            Part data = write(images.select(split.training()), folder.resolve("data.beton"), progress);
            try {
                Part test = write(images.select(split.heldOut()), folder.resolve("test.beton"), progress);
                return new Imported(data, Optional.of(test), names, opened.skipped());
            } catch (IOException | RuntimeException failure) {
                data.close();
                throw failure;
            }
        }
    }

    private Opened open(ImportSource source, Path folder, Progress progress) throws IOException {
        return switch (source) {
            case ImportSource.Npz npz -> new Opened(NpzImages.read(npz.file(), scale), List.of(), List.of());
            case ImportSource.Idx idx ->
                new Opened(IdxFile.labelledImages(idx.images(), idx.labels(), scale), List.of(), List.of());
            case ImportSource.ClassFolders folders -> openFolders(folders, folder, progress);
        };
    }

    private Opened openFolders(ImportSource.ClassFolders folders, Path folder, Progress progress) throws IOException {
        try (ClassFolderArchive archive = ClassFolderArchive.open(folders.archive())) {
            Path whole = folder.resolve("whole.beton");
            ImageFolder.Imported imported = ImageFolder.scan(archive.root())
                    .importTo(whole, new ImageFolder.Sizing.AsTheyAre(), brokenImages, progress);
            return new Opened(LabelledImages.open(whole), imported.classNames(), imported.broken());
        }
    }

    private static Part write(LabelledImages images, Path file, Progress progress) throws IOException {
        BetonImages.write(images, file, progress);
        LabelledImages written = LabelledImages.open(file);
        return new Part(file, DataSetSummary.of(written, progress), written);
    }

    private List<String> names(LabelledImages images, List<String> folderNames) {
        if (classNames.isEmpty()) {
            return folderNames.isEmpty()
                    ? IntStream.range(0, images.classes())
                            .mapToObj(Integer::toString)
                            .toList()
                    : folderNames;
        }
        if (classNames.size() < images.classes()) {
            throw new ProblemException(
                    "too-few-class-names",
                    "class_names",
                    "%d names for labels from 0 to %d".formatted(classNames.size(), images.classes() - 1),
                    "name every class, in the order of the labels");
        }
        return classNames;
    }
}
