package dev.assay.cli.mesh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GatewayAddressTest {

    @TempDir
    private Path home;

    @Test
    void theFlagComesBeforeTheEnvironmentAndThatBeforeTheLocalMesh() throws IOException {
        Files.createDirectories(home.resolve("run"));
        Files.writeString(home.resolve("run/gateway.url"), "http://127.0.0.1:7800\n");
        Map<String, String> mesh = Map.of("ASSAY_HOME", home.toString());
        Map<String, String> both = Map.of("ASSAY_HOME", home.toString(), "ASSAY_GATEWAY", "https://assay.example");

        assertThat(GatewayAddress.find(Optional.empty(), mesh)).isEqualTo(URI.create("http://127.0.0.1:7800"));
        assertThat(GatewayAddress.find(Optional.empty(), both)).isEqualTo(URI.create("https://assay.example"));
        assertThat(GatewayAddress.find(Optional.of("http://flag:1/"), both)).isEqualTo(URI.create("http://flag:1"));
    }

    @Test
    void withoutAnyOfThemItIsTheUsualPort() {
        assertThat(GatewayAddress.find(Optional.empty(), Map.of("ASSAY_HOME", home.toString())))
                .isEqualTo(URI.create(GatewayAddress.DEFAULT));
    }

    @Test
    void whatIsNoHttpAddressIsNamed() {
        assertThatThrownBy(() -> GatewayAddress.find(Optional.of("ftp://x"), Map.of()))
                .hasMessage("'ftp://x' is no HTTP address");
        assertThatThrownBy(() -> GatewayAddress.find(Optional.of("a b"), Map.of()))
                .hasMessage("'a b' is no HTTP address");
    }
}
