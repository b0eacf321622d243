package dev.assay.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AotCachesTest {

    private static final Instant BUILT = Instant.parse("2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    private Path jar;
    private Path library;
    private AotCaches caches;

    @BeforeEach
    void buildAProgram() throws Exception {
        jar = file("program/run.jar", BUILT);
        library = file("program/lib/main/library.jar", BUILT);
        caches = new AotCaches(folder.resolve("aot"), AotCaches.Mode.USE);
    }

    @Test
    void namesACacheThatIsNewerThanTheProgram() throws Exception {
        Path cache = file("aot/attack.aot", BUILT.plusSeconds(1));
        assertThat(caches.flags("attack", jar)).first().isEqualTo("-XX:AOTCache=" + cache);
        assertThat(new AotCaches(caches.folder(), AotCaches.Mode.OFF).flags("attack", jar))
                .isEmpty();
    }

    @Test
    void startsWithoutACacheThatIsMissing() {
        assertThat(caches.flags("attack", jar)).isEmpty();
    }

    @Test
    void startsWithoutACacheThatIsOlderThanAnyJarOfTheProgram() throws Exception {
        file("aot/attack.aot", BUILT.plusSeconds(1));
        Files.setLastModifiedTime(library, FileTime.from(BUILT.plusSeconds(2)));
        assertThat(caches.flags("attack", jar)).isEmpty();
    }

    @Test
    void deletesTheCachesWhoseProcessesWereKilledWhileTheyWroteThem() throws Exception {
        Path whole = file("aot/gateway.aot", BUILT.plusSeconds(1));
        Path half = file("aot/attack.aot", BUILT.plusSeconds(1));
        Path configuration = file("aot/attack.aot.config", BUILT.plusSeconds(1));
        caches.deleteUnfinished(List.of("gateway", "attack"));
        assertThat(whole).exists();
        assertThat(half).doesNotExist();
        assertThat(configuration).doesNotExist();
    }

    private Path file(String name, Instant modified) throws Exception {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "");
        return Files.setLastModifiedTime(file, FileTime.from(modified));
    }
}
