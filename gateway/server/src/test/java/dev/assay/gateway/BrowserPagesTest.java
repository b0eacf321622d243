package dev.assay.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.assay.contract.Operation;
import dev.assay.contract.Operations;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The gateway's pages in a real browser, when this machine has one.
@QuarkusTest
@QuarkusTestResource(MeshForTests.class)
class BrowserPagesTest {

    private static final long PATIENCE_SECONDS = 60;

    @TestHTTPResource
    URI root;

    @TempDir
    Path folder;

    @Test
    void theLandingPageLeadsToTheApiAndTheJobs() throws Exception {
        String page = opened("/");

        assertThat(page).contains("<h1>Assay</h1>", "href=\"/docs/api/\"", "href=\"/v1/jobs\"");
    }

    @Test
    void swaggerUiShowsEveryOperation() throws Exception {
        String page = opened("/docs/api/");

        assertThat(Operations.all()).isNotEmpty();
        for (Operation operation : Operations.all()) {
            // Swagger UI puts a zero-width space after each slash
            assertThat(page.replace("\u200b", "").replace("<wbr>", ""))
                    .contains("/v1/" + operation.capability() + "/" + operation.name());
        }
        assertThat(page).contains("opblock-post").doesNotContain("Failed to load API definition");
    }

    /// The page after its scripts have run.
    private String opened(String path) throws IOException, InterruptedException {
        Optional<Path> browser = browser();
        if (browser.isEmpty()) {
            System.out.println("PAGES NOT OPENED: no chromium or google-chrome is on the PATH");
        }
        assumeTrue(browser.isPresent(), "no chromium or google-chrome is on the PATH");
        Path page = folder.resolve("page.html");
        Process process = new ProcessBuilder(
                        browser.get().toString(),
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-dev-shm-usage",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--virtual-time-budget=8000",
                        "--dump-dom",
                        root.resolve(path).toString())
                .redirectOutput(page.toFile())
                .redirectError(folder.resolve("errors.txt").toFile())
                .start();
        try {
            assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS))
                    .as("the browser has finished")
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        return Files.readString(page);
    }

    private static Optional<Path> browser() {
        return Arrays.stream(System.getenv("PATH").split(File.pathSeparator))
                .flatMap(place -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(place, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
