package dev.assay.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.assay.computation.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaSecurityTest {

    @TempDir
    private Path folder;

    @Test
    void settingsReachTheClientsUnderKafkasNamesAndSecretsComeFromFiles() throws IOException {
        Path jaas = Files.writeString(
                folder.resolve("jaas"),
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"a\" password=\"s3cret\";\n");

        KafkaConnection connection = connection(Map.of(
                "assay.kafka.properties.security.protocol", "SASL_PLAINTEXT",
                "assay.kafka.properties.sasl.mechanism", "PLAIN",
                "assay.kafka.properties.sasl.jaas.config.file", jaas.toString()));

        assertThat(connection.properties())
                .containsEntry("security.protocol", "SASL_PLAINTEXT")
                .containsEntry("sasl.mechanism", "PLAIN")
                .hasSize(3);
        assertThat(connection.properties().get("sasl.jaas.config")).endsWith("password=\"s3cret\";");
        assertThat(connection).asString().doesNotContain("s3cret");
        connection.admin().close(); // Kafka parses the login at once
    }

    @Test
    void everyNameIsOneThatKafkasClientsKnow() {
        assertThat(AdminClientConfig.configNames()).containsAll(KafkaSecurity.NAMES);
    }

    @Test
    void withoutSettingsNothingChanges() {
        assertThat(connection(Map.of())).isEqualTo(KafkaConnection.to("127.0.0.1:1"));
    }

    @Test
    void aFileThatIsNotThereAndAValueThatIsGivenTwiceAreNamed() {
        String name = "assay.kafka.properties.ssl.key.password";
        assertThatThrownBy(() ->
                        connection(Map.of(name + ".file", folder.resolve("no").toString())))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.oneLine()).contains("ssl.key.password.file"));
        assertThatThrownBy(() -> connection(Map.of(name, "a", name + ".file", folder.toString())))
                .isInstanceOf(ProblemException.class);
    }

    private static KafkaConnection connection(Map<String, String> settings) {
        return KafkaConnection.to("127.0.0.1:1", name -> Optional.ofNullable(settings.get(name)));
    }
}
