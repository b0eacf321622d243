package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.gateway.artifact.CollectionTimer;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

/// What the hour brings, without waiting for it.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class CollectionTimerTest {

    @TestHTTPResource
    URI root;

    @Inject
    CollectionTimer timer;

    @Test
    void theTimerRemovesWhatIsOldAndNamedByNothing() throws Exception {
        Door door = new Door(root).ready();
        String digest = store(door, "nobody names me");
        String young = store(door, "nor me, but I am young");
        FileTime past = FileTime.from(Instant.now().minus(Duration.ofDays(30)));
        Path file = ConfigProvider.getConfig()
                .getValue("assay.artifacts.folder", Path.class)
                .resolve("sha256")
                .resolve(digest.substring(7, 9))
                .resolve(digest.substring(9));
        Files.getFileAttributeView(file, BasicFileAttributeView.class).setTimes(past, past, null);

        timer.collect(Duration.ofDays(7));

        assertThat(file).doesNotExist();
        assertThat(door.head("/v1/artifacts/" + digest).status()).isEqualTo(404);
        assertThat(door.head("/v1/artifacts/" + young).status()).isEqualTo(200);
    }

    private static String store(Door door, String text) {
        return door.post("/v1/artifacts", text.getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();
    }
}
