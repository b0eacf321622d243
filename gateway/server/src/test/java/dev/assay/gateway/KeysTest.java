package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.assay.artifact.v1.Artifact;
import dev.assay.contract.AccessKey;
import dev.assay.contract.Scope;
import dev.assay.job.v1.Job;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A gateway that asks for keys.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
@TestProfile(KeysTest.WithKeys.class)
class KeysTest {

    public static final class WithKeys implements QuarkusTestProfile {

        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path file = Files.createTempFile("assay-keys", "");
                file.toFile().deleteOnExit();
                Files.writeString(
                        file,
                        "# made for a test\n\n"
                                + entry("first", EnumSet.allOf(Scope.class)).line());
                return Map.of(
                        "assay.security.mode", "keys",
                        "assay.security.keys-file", file.toString(),
                        "assay.security.requests-per-second", "0.5",
                        "assay.security.burst", "30");
            } catch (IOException unwritable) {
                throw new UncheckedIOException(unwritable);
            }
        }

        private static AccessKey entry(String name, Set<Scope> scopes) {
            return AccessKey.of(name, scopes, AccessKey.generate());
        }
    }

    @TestHTTPResource
    URI root;

    @ConfigProperty(name = "assay.security.keys-file")
    Path file;

    private Door door;

    @BeforeEach
    void open() throws InterruptedException {
        door = new Door(root).ready();
    }

    @Test
    void aRequestWithoutAKeyIsRefusedAndToldHowToSendOne() {
        for (String path : List.of("/v1/jobs", "/v1/models", "/v1/artifacts/sha256:00", "/q/metrics", "/nothing")) {
            Door.Reply refused = door.get(path);

            assertThat(refused.status()).as(path).isEqualTo(401);
            assertThat(refused.problem()).isEqualTo("unauthenticated");
            assertThat(refused.header("WWW-Authenticate")).startsWith("Bearer");
            assertThat(refused.json().get("remedy").getAsString()).contains("Authorization: Bearer assay_");
        }
        assertThat(door.postJson("/v1/attack/evaluate", "{}").status()).isEqualTo(401);
        assertThat(door.head("/v1/artifacts/sha256:00").status()).isEqualTo(401);
        assertThat(door.get("/v1/jobs", "Accept", "text/event-stream").status()).isEqualTo(401);
    }

    @Test
    void aKeyThatIsNotKnownIsRefusedAsOneThatIsMissing() {
        assertThat(get("/v1/jobs", AccessKey.generate()).problem()).isEqualTo("unauthenticated");
        assertThat(door.get("/v1/jobs", "Authorization", "Basic dXNlcjpwYXNz").problem())
                .isEqualTo("unauthenticated");
        assertThat(door.get("/v1/jobs", "Authorization", "Bearer").problem()).isEqualTo("unauthenticated");
    }

    @Test
    void healthAndTheDescriptionOfTheDoorNeedNoKey() {
        assertThat(door.get("/q/health/live").status()).isEqualTo(200);
        assertThat(door.get("/q/health").status()).isEqualTo(200);
        assertThat(door.get("/openapi").status()).isEqualTo(200);
        assertThat(door.get("/docs/api/").status()).isEqualTo(200);
    }

    @Test
    void aPathThatLooksOpenAndLeadsElsewhereIsClosed() {
        for (String path : List.of(
                "/docs/api/../../v1/jobs",
                "/docs/api/%2e%2e/%2e%2e/v1/jobs",
                "/docs/api/..%2f..%2fv1/jobs",
                "/openapi/../v1/jobs",
                "/openapi;/../v1/jobs",
                "/docs/api//../../v1/jobs",
                "/v1/jobs;/openapi",
                "/q/health/../metrics")) {
            Door.Reply reply = door.get(path);

            assertThat(reply.status()).as(path).isIn(400, 401, 404);
            assertThat(reply.text()).as(path).doesNotContain("\"jobs\"").doesNotContain("jvm_");
        }
    }

    @Test
    void eachScopeOpensItsDoorsAndNoOthers() {
        String read = added("read-only", Scope.READ);
        String submit = added("submit-only", Scope.SUBMIT);
        String register = added("register-only", Scope.REGISTER);
        String admin = added("admin-only", Scope.ADMIN);

        assertThat(get("/v1/jobs", read).status()).isEqualTo(200);
        assertThat(get("/q/metrics", admin).status()).isEqualTo(200);
        Door.Reply stored = door.post("/v1/artifacts", Models.flatten(), "Authorization", "Bearer " + submit);
        assertThat(stored.status()).isEqualTo(201);
        String digest = stored.into(Artifact.newBuilder()).getDigest();
        assertThat(put("/v1/models/by-key", "{\"artifact\": \"" + digest + "\"}", register)
                        .status())
                .isEqualTo(200);
        Door.Reply submitted = door.postJson(
                "/v1/loading/import",
                "{\"source\": \"" + digest + "\", \"classNames\": [\"wait\"]}",
                "Authorization",
                "Bearer " + submit);
        assertThat(submitted.status()).as(submitted.text()).isEqualTo(202);
        String job = "/v1/jobs/" + submitted.into(Job.newBuilder()).getId();

        assertThat(get(job, read).status()).isEqualTo(200);
        assertForbidden(get(job, submit), "read");
        assertForbidden(get("/q/metrics", read), "admin");
        assertForbidden(door.post(job + "/cancel", new byte[0], "Authorization", "Bearer " + read), "submit");
        assertForbidden(door.post("/v1/artifacts", new byte[] {1}, "Authorization", "Bearer " + read), "submit");
        assertForbidden(put("/v1/models/by-key", "{}", submit), "register");
        assertForbidden(
                door.send(door.request("/v1/jobs", "Authorization", "Bearer " + read)
                        .DELETE()),
                "admin");
    }

    @Test
    void aKeyThatIsTakenOutOfTheFileOpensNothingAnyMore() throws IOException {
        String key = added("leaver", Scope.READ);
        assertThat(get("/v1/jobs", key).status()).isEqualTo(200);

        List<String> without = Files.readAllLines(file).stream()
                .filter(line -> !line.startsWith("leaver "))
                .toList();
        Files.write(file, without);

        await(() -> get("/v1/jobs", key).status() == 401);
    }

    @Test
    void aFileOfKeysThatIsBrokenLaterChangesNothing() throws IOException {
        String stays = added("stays", Scope.READ);
        String whole = Files.readString(file);
        Files.writeString(file, "nonsense");
        await(() -> get("/v1/jobs", stays).status() == 200);
        Files.writeString(file, whole);

        assertThat(get("/v1/jobs", added("after", Scope.READ)).status()).isEqualTo(200);
    }

    @Test
    void aKeyThatAsksTooOftenIsToldWhenToComeBackAndOthersAreNot() {
        String hasty = added("hasty", Scope.READ);
        String calm = added("calm", Scope.READ);
        Door.Reply last = get("/v1/jobs", hasty);
        for (int i = 0; i < 40 && last.status() == 200; i++) {
            last = get("/v1/jobs", hasty);
        }

        assertThat(last.status()).isEqualTo(429);
        assertThat(last.problem()).isEqualTo("too-many-requests");
        assertThat(Integer.parseInt(last.header("Retry-After"))).isBetween(1, 2);
        assertThat(get("/v1/jobs", calm).status()).isEqualTo(200);
    }

    /// Puts a new key into the file and waits until the gateway knows it.
    private String added(String name, Scope scope) {
        String key = AccessKey.generate();
        try {
            Files.writeString(
                    file,
                    "\n" + AccessKey.of(name, Set.of(scope), key).line(),
                    StandardCharsets.UTF_8,
                    StandardOpenOption.APPEND);
        } catch (IOException unwritable) {
            throw new UncheckedIOException(unwritable);
        }
        await(() -> get("/nothing", key).status() != 401);
        return key;
    }

    private Door.Reply get(String path, String key) {
        return door.get(path, "Authorization", "Bearer " + key);
    }

    private Door.Reply put(String path, String json, String key) {
        return door.send(door.request(path, "Authorization", "Bearer " + key, "Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(json)));
    }

    private static void assertForbidden(Door.Reply refused, String scope) {
        assertThat(refused.status()).as(refused.text()).isEqualTo(403);
        assertThat(refused.problem()).isEqualTo("forbidden");
        assertThat(refused.json().get("detail").getAsString()).contains("'" + scope + "'");
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
        }
    }
}
