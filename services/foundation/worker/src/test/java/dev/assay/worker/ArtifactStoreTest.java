package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.artifact.v1.Artifact;
import dev.assay.computation.ProblemException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {

    private static final byte[] HELLO = "hello\n".getBytes(StandardCharsets.UTF_8);

    /// `printf 'hello\n' | sha256sum`
    private static final String HELLO_DIGEST =
            "sha256:5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03";

    @TempDir
    Path folder;

    @Test
    void anArtifactIsNamedByItsHashAndReadBack() throws IOException {
        var store = new FileArtifactStore(folder);
        Artifact artifact = store.put(HELLO, "text/plain");
        assertThat(artifact.getDigest()).isEqualTo(HELLO_DIGEST);
        assertThat(artifact.getSize()).isEqualTo(6);
        assertThat(artifact.getMediaType()).isEqualTo("text/plain");
        assertThat(Files.readAllBytes(store.verified(HELLO_DIGEST))).isEqualTo(HELLO);
        assertThat(store.size(HELLO_DIGEST)).hasValue(6L);
        assertThat(folder.resolve("sha256/58/" + HELLO_DIGEST.substring(9))).exists();
    }

    @Property(tries = 50)
    void whatIsPutIsReadBack(@ForAll byte[] content) throws IOException {
        Path own = Files.createTempDirectory("store");
        var store = new FileArtifactStore(own);
        Artifact artifact = store.put(content, "");
        assertThat(artifact.getDigest()).isEqualTo(Digests.of(content));
        assertThat(Files.readAllBytes(store.verified(artifact.getDigest()))).isEqualTo(content);
    }

    @Test
    void manyWritersOfTheSameBytesAgree() throws IOException {
        var store = new FileArtifactStore(folder);
        byte[] content = new byte[300_000];
        List<String> digests = IntStream.range(0, 16)
                .parallel()
                .mapToObj(i -> store.put(content, "").getDigest())
                .distinct()
                .toList();
        assertThat(digests).containsExactly(Digests.of(content));
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void anotherHashThanExpectedIsRefusedAndNothingStays() throws IOException {
        var store = new FileArtifactStore(folder);
        String other = Digests.of(new byte[] {1});
        assertProblem("hash-mismatch", () -> store.putExpecting(other, new ByteArrayInputStream(HELLO), "", 100));
        assertThat(store.size(other)).isEmpty();
        assertThat(store.size(HELLO_DIGEST)).isEmpty();
        assertThat(unfinished()).isEmpty();
        assertThat(store.putExpecting(HELLO_DIGEST, new ByteArrayInputStream(HELLO), "", 6)
                        .getSize())
                .isEqualTo(6);
    }

    @Test
    void tooMuchContentIsRefusedAndNothingStays() throws IOException {
        var store = new FileArtifactStore(folder);
        assertProblem("too-large", () -> store.put(new ByteArrayInputStream(HELLO), "", 5));
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void contentThatBreaksOffLeavesNothing() throws IOException {
        var store = new FileArtifactStore(folder);
        InputStream breaking = new InputStream() {
            private int left = 100_000;

            @Override
            public int read() throws IOException {
                if (left == 0) {
                    throw new IOException("connection reset");
                }
                left--;
                return 7;
            }
        };
        assertProblem("upload-interrupted", () -> store.put(breaking, "", Long.MAX_VALUE));
        assertThat(unfinished()).isEmpty();
    }

    @Test
    void aDamagedFileIsNoticedAndHealedByUploadingItAgain() throws IOException {
        var store = new FileArtifactStore(folder);
        Path path = store.verified(store.put(HELLO, "").getDigest());
        Files.write(path, "hellO\n".getBytes(StandardCharsets.UTF_8));
        assertProblem("artifact-damaged", () -> new FileArtifactStore(folder).verified(HELLO_DIGEST));

        var fresh = new FileArtifactStore(folder);
        fresh.put(HELLO, "");
        assertThat(Files.readAllBytes(fresh.verified(HELLO_DIGEST))).isEqualTo(HELLO);
    }

    @Test
    void whatIsNotThereOrNoDigestIsNamed() {
        var store = new FileArtifactStore(folder);
        assertProblem("artifact-not-found", () -> store.verified(HELLO_DIGEST));
        assertProblem("malformed-reference", () -> store.verified("sha256:../../etc/passwd"));
        assertProblem("malformed-reference", () -> store.size("SHA256:" + HELLO_DIGEST.substring(7)));
    }

    @Test
    void aFolderThatIsAFileIsNamed() throws IOException {
        Path file = Files.createFile(folder.resolve("file"));
        assertProblem("storage-unavailable", () -> new FileArtifactStore(file));
    }

    private List<Path> unfinished() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("unfinished"))) {
            return files.toList();
        }
    }

    private static void assertProblem(String type, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(ProblemException.class, problem -> {
            assertThat(problem.type()).isEqualTo(type);
            assertThat(problem.remedy()).isNotBlank();
        });
    }
}
