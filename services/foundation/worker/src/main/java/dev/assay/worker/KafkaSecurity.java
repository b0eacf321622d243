package dev.assay.worker;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// What a broker with TLS or SASL asks of its clients, by configuration: `assay.kafka.properties.` and Kafka's own
/// name.
final class KafkaSecurity {

    static final String PREFIX = "assay.kafka.properties.";

    /// Looked up one by one: only so does an environment variable for each of them count.
    static final List<String> NAMES = List.of(
            "security.protocol",
            "sasl.mechanism",
            "sasl.jaas.config",
            "sasl.client.callback.handler.class",
            "sasl.login.callback.handler.class",
            "sasl.oauthbearer.token.endpoint.url",
            "ssl.truststore.type",
            "ssl.truststore.location",
            "ssl.truststore.password",
            "ssl.truststore.certificates",
            "ssl.keystore.type",
            "ssl.keystore.location",
            "ssl.keystore.password",
            "ssl.keystore.key",
            "ssl.keystore.certificate.chain",
            "ssl.key.password",
            "ssl.endpoint.identification.algorithm");

    private KafkaSecurity() {}

    /// @param configuration the value of a name, if it has one
    static Map<String, String> settings(Function<String, Optional<String>> configuration) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String name : NAMES) {
            for (String setting : List.of(name, name + SecretSettings.FILE)) {
                configuration.apply(PREFIX + setting).ifPresent(value -> found.put(setting, value));
            }
        }
        return SecretSettings.resolved(found);
    }
}
