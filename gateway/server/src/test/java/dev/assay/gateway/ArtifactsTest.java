package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class ArtifactsTest {

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final String HELLO_SHA256 = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    @TestHTTPResource
    URI root;

    private Door door;

    @BeforeEach
    void open() {
        door = new Door(root);
    }

    @Test
    void bytesComeBackUnderTheirHash() {
        Door.Reply stored = door.post("/v1/artifacts", HELLO, "Content-Type", "text/plain");

        assertThat(stored.status()).isEqualTo(201);
        Artifact artifact = stored.into(Artifact.newBuilder()).build();
        assertThat(artifact.getDigest()).isEqualTo("sha256:" + HELLO_SHA256);
        assertThat(artifact.getSize()).isEqualTo(5);
        assertThat(artifact.getMediaType()).isEqualTo("text/plain");

        String path = URI.create(stored.header("Location")).getPath();
        assertThat(path).isEqualTo("/v1/artifacts/sha256:" + HELLO_SHA256);
        Door.Reply read = door.get(path);
        assertThat(read.bytes()).isEqualTo(HELLO);
        assertThat(read.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(read.header("Content-Security-Policy")).isEqualTo("sandbox; default-src 'none'");
        assertThat(door.head(path).header("Content-Length")).isEqualTo("5");
    }

    @Test
    void collectingTellsWhatWouldGoAndRefusesWhatItDoesNotUnderstand() throws InterruptedException {
        door.ready();
        String young = door.post("/v1/artifacts", "young".getBytes(StandardCharsets.UTF_8))
                .into(Artifact.newBuilder())
                .getDigest();

        Door.Reply told = door.post("/v1/artifacts/collect?olderThan=PT1H", new byte[0]);

        assertThat(told.status()).as(told.text()).isEqualTo(200);
        assertThat(told.json().get("dryRun").getAsBoolean()).isTrue();
        assertThat(told.text()).doesNotContain(young);
        for (String query : new String[] {"olderThan=PT59M", "olderThan=soon", "dryRun=maybe", "olderThan=-P7D"}) {
            Door.Reply refused = door.post("/v1/artifacts/collect?" + query, new byte[0]);
            assertThat(refused.status()).as(query).isEqualTo(400);
            assertThat(refused.problem()).isEqualTo("malformed-field");
        }
    }

    @Test
    void storingAgainSaysThatItWasThere() {
        byte[] bytes = "again".getBytes(StandardCharsets.UTF_8);
        String path = "/v1/artifacts?sha256=" + sha256(bytes);

        assertThat(door.post(path, bytes).status()).isEqualTo(201);
        assertThat(door.post(path, bytes).status()).isEqualTo(200);
    }

    @Test
    void bytesThatDoNotMatchTheirHashAreNotStored() {
        byte[] bytes = "not what was promised".getBytes(StandardCharsets.UTF_8);

        Door.Reply refused = door.post("/v1/artifacts", bytes, "X-Assay-Sha256", HELLO_SHA256.replace('2', '3'));

        assertThat(refused.status()).isEqualTo(422);
        assertThat(refused.problem()).isEqualTo("hash-mismatch");
        assertThat(door.get("/v1/artifacts/sha256:" + sha256(bytes)).problem()).isEqualTo("not-found");
        assertThat(door.get("/v1/artifacts/sha256:" + HELLO_SHA256.replace('2', '3'))
                        .problem())
                .isEqualTo("not-found");
    }

    @Test
    void aBodyOverTheLimitIsRefusedBeforeItIsRead() {
        Door.Reply refused = door.post("/v1/artifacts", new byte[(5 << 20) + 1]);

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.problem()).isEqualTo("too-large");
        assertThat(refused.json().get("remedy").getAsString()).contains("assay.gateway.artifact-limit");
    }

    @Test
    void aBodyOfUnknownLengthIsRefusedWhenItPassesTheLimit() {
        byte[] bytes = new byte[(5 << 20) + 1];

        Door.Reply refused = door.send(door.request("/v1/artifacts")
                .POST(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(bytes))));

        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.problem()).isEqualTo("too-large");
        assertThat(door.get("/v1/artifacts/sha256:" + sha256(bytes)).status()).isEqualTo(404);
    }

    @Test
    void aBodyOfExactlyTheLimitIsTaken() {
        byte[] bytes = new byte[5 << 20];
        bytes[77] = 1;

        Door.Reply stored = door.post("/v1/artifacts", bytes);

        assertThat(stored.status()).isEqualTo(201);
        assertThat(door.get("/v1/artifacts/sha256:" + sha256(bytes)).bytes()).isEqualTo(bytes);
    }

    @Test
    void aPartCanBeRead() {
        door.post("/v1/artifacts", HELLO);
        String path = "/v1/artifacts/sha256:" + HELLO_SHA256;

        Door.Reply part = door.get(path, "Range", "bytes=1-3");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.text()).isEqualTo("ell");
        assertThat(part.header("Content-Range")).isEqualTo("bytes 1-3/5");

        Door.Reply outside = door.get(path, "Range", "bytes=9-");
        assertThat(outside.status()).isEqualTo(416);
        assertThat(outside.problem()).isEqualTo("range-not-satisfiable");
    }

    @Test
    void whatIsNoDigestIsNotFound() {
        assertThat(door.get("/v1/artifacts/..%2f..%2fetc%2fpasswd").status()).isEqualTo(404);
        assertThat(door.get("/v1/artifacts/sha256:abc").problem()).isEqualTo("not-found");
        assertThat(door.head("/v1/artifacts/sha256:" + "0".repeat(64)).status()).isEqualTo(404);
    }

    @Test
    void aDigestThatIsNoneIsRefused() {
        assertThat(door.post("/v1/artifacts?sha256=abc", HELLO).problem()).isEqualTo("malformed-field");
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError(impossible);
        }
    }
}
