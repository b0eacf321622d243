package dev.assay.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Collections;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderZipTest {

    @TempDir
    private Path temporary;

    @Test
    void theSameFilesMakeTheSameBytesWhateverTheirTimesAndOrder() throws IOException {
        Path one = folder("one", "a/1.txt", "b/2.txt");
        Path two = folder("two", "b/2.txt", "a/1.txt");
        Files.setLastModifiedTime(two.resolve("a/1.txt"), FileTime.fromMillis(0));

        assertThat(zip(one)).hasSameBinaryContentAs(zip(two));
    }

    @Test
    void namesAreRelativeAndSortedAndHiddenFilesStayAtHome() throws IOException {
        Path folder = folder("pictures", "dog/1.png", "cat/2.png", ".DS_Store", "cat/.hidden", ".git/config");

        try (ZipFile zip = new ZipFile(zip(folder).toFile())) {
            assertThat(Collections.list(zip.entries()))
                    .extracting(ZipEntry::getName)
                    .containsExactly("cat/2.png", "dog/1.png");
            assertThat(zip.getInputStream(zip.getEntry("cat/2.png"))).hasContent("cat/2.png");
        }
    }

    @Test
    void anEmptyFolderIsRefused() throws IOException {
        Path folder = Files.createDirectory(temporary.resolve("empty"));

        assertThatThrownBy(() -> zip(folder)).hasMessage("there is no file in this folder");
    }

    private Path folder(String name, String... files) throws IOException {
        Path folder = temporary.resolve(name);
        for (String file : files) {
            Files.createDirectories(folder.resolve(file).getParent());
            Files.writeString(folder.resolve(file), file);
        }
        return folder;
    }

    private Path zip(Path folder) throws IOException {
        Path zip = temporary.resolve(folder.getFileName() + ".zip");
        FolderZip.write(folder, zip);
        return zip;
    }
}
